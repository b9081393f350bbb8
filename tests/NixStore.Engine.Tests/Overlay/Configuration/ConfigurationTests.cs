using NixStore.Engine.Overlay;
using NixStore.Engine.Overlay.Configuration;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Overlay.Configuration;

public sealed class ConfigurationTests
{
    private static readonly string s_golden = $"{SourceTree.Root}/tests/NixStore.Engine.Tests/Overlay/Configuration/golden";

    public static TheoryData<OverlayConfigurationFormat> Formats => [.. Enum.GetValues<OverlayConfigurationFormat>()];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Texts_are_the_golden_ones(OverlayConfigurationFormat format)
        => Assert.Equal(File.ReadAllText($"{s_golden}/{format}"), Write(format, Store("/srv/ov", "/srv/lower")) + "\n");

    [SkippableFact]
    public void The_pod_says_to_a_parser_of_yaml_what_it_should()
    {
        Skip.IfNot(Command.Exists("python3") && Command.Try(new Dictionary<string, string>(), "python3", "-c", "import yaml").ExitCode == 0, "PYTHON MISSING: yaml");
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory["pod.yaml"], Write(OverlayConfigurationFormat.Kubernetes, Store("/srv/o: 'v\\# %", "/srv/lower"), 7));

        var told = Command.Run("python3", "-c", """
            import sys, yaml
            pod = yaml.safe_load(open(sys.argv[1]))
            init, work = pod["spec"]["initContainers"][0], pod["spec"]["containers"][0]
            print(init["securityContext"], work["securityContext"])
            print([mount.get("mountPropagation") for mount in init["volumeMounts"] + work["volumeMounts"]])
            print(next(volume["hostPath"]["path"] for volume in pod["spec"]["volumes"] if volume["name"] == "upper"))
            print({one["name"]: one["value"] for one in work["env"]}["NIX_CONFIG"].split("\n"))
            """, directory["pod.yaml"]).Split('\n');

        Assert.Equal("{'privileged': True, 'runAsUser': 0} {'privileged': False, 'allowPrivilegeEscalation': False, 'capabilities': {'drop': ['ALL']}, "
            + "'runAsUser': 7, 'runAsGroup': 7, 'runAsNonRoot': True}", told[0]);
        Assert.Equal("[None, None, 'Bidirectional', 'HostToContainer', None, None, None, None]", told[1]);
        Assert.Equal("/srv/o: 'v\\# %/upper", told[2]);
        Assert.Equal("['extra-experimental-features = local-overlay-store read-only-local-store', 'build-users-group =', 'sandbox = false']", told[3]);
    }

    [SkippableFact]
    public void Kubernetes_client_takes_the_pod()
    {
        Skip.IfNot(Command.Exists("kubectl"), "KUBECTL MISSING");
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory["pod.yaml"], Write(OverlayConfigurationFormat.Kubernetes, Store("/srv/ov", "/srv/lower"), 7));

        var result = Command.Try(new Dictionary<string, string> { ["KUBECONFIG"] = "/dev/null" },
            "kubectl", "annotate", "--local", "-f", directory["pod.yaml"], "a=b", "-o", "json");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("\"mountPropagation\": \"Bidirectional\"", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/srv/ov/nix/store", "srv-ov-nix-store.mount")]
    [InlineData("/", "-.mount")]
    [InlineData("/.hidden/a.b/.c", @"\x2ehidden-a.b-.c.mount")]
    [InlineData("/with blank/and-dash/ünicode/100%/back\\slash/q\"'", @"with\x20blank-and\x2ddash-\xc3\xbcnicode-100\x25-back\x5cslash-q\x22\x27.mount")]
    [InlineData("//double//./slash/", "double-slash.mount")]
    public void Units_are_called_as_systemd_calls_them(string path, string name)
    {
        Assert.Equal(name, SystemdUnitName.OfMount(path));
        if (Command.Exists("systemd-escape"))
        {
            Assert.Equal(Command.Run("systemd-escape", "--path", "--suffix=mount", path), name);
        }
    }

    [Fact]
    public void Names_that_are_too_long_for_a_unit_are_an_error()
        => Refused(OverlayConfigurationFormat.SystemdMount, Store($"/srv/{new string('-', 70)}", "/srv/lower"), "systemd allows 255");

    [SkippableTheory]
    [InlineData("with blank")]
    [InlineData("comma,colon:back\\slash")]
    [InlineData("ünicode%s#'")]
    public void Fstab_and_shells_and_units_mount_names_as_they_are(string name)
    {
        using var directory = new TemporaryDirectory();
        var (root, lower) = (directory[$"ov {name}"], directory[$"lower {name}"]);
        foreach (var one in (string[])[$"{root}/upper", $"{root}/work", $"{root}/nix/store", $"{lower}/nix/store"])
        {
            Directory.CreateDirectory(one);
        }

        File.WriteAllText($"{lower}/nix/store/seen", "seen\n");
        var store = Store(root, lower);
        File.WriteAllText(directory["fstab"], Write(OverlayConfigurationFormat.Fstab, store) + "\n");
        var shell = Assert.Single(Write(OverlayConfigurationFormat.Docker, store).Split('\n'), line => line.StartsWith("mountpoint ", StringComparison.Ordinal));
        var unit = Write(OverlayConfigurationFormat.SystemdMount, store);
        Skip.IfNot(Environment.IsPrivilegedProcess, "NOT ROOT");

        var seen = Command.Run("unshare", "-m", "--propagation", "private", "sh", "-euc", $"""
            mount -T "$1" "$2"; cat "$2/seen"; umount "$2"
            {shell}; cat "$2/seen"; umount "$2"
            mount "$3" "$2" -t overlay -o "$4"; cat "$2/seen"
            """, "sh", directory["fstab"], $"{root}/nix/store", "overlay", Setting("Options"));

        Assert.Equal("seen\nseen\nseen", seen);
        Assert.Equal($"{root}/nix/store", Setting("Where"));

        string Setting(string key) => SystemdLine.Setting(unit, key).Replace("%%", "%", StringComparison.Ordinal);
    }

    [Fact]
    public void Nixs_check_is_said_to_fail_where_it_will()
    {
        Assert.DoesNotContain("never passes", Write(OverlayConfigurationFormat.NixConf, Store("/srv/ov", "/srv/lower")), StringComparison.Ordinal);
        Assert.Contains("never passes", Write(OverlayConfigurationFormat.NixConf, Store("/srv/o v", "/srv/lower")), StringComparison.Ordinal);
        Assert.Contains("never passes", Write(OverlayConfigurationFormat.Docker, Store("/srv/ov", "/srv/c++")), StringComparison.Ordinal);
        Assert.Contains("takes the mount on trust", Write(OverlayConfigurationFormat.NixConf, Store("/srv/ov", "/srv/lower", "&check-mount=false")), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_format_cannot_say_is_an_error()
    {
        Refused(OverlayConfigurationFormat.Environment, Store("/srv/o\nv", "/srv/lower"), "control character");
        Refused(OverlayConfigurationFormat.Kubernetes, Store("/srv/o\u2028v", "/srv/lower"), "control character");
        Refused(OverlayConfigurationFormat.Fstab, Store("/srv/o\"v", "/srv/lower"), "quotation mark");
        Refused(OverlayConfigurationFormat.NixOS, Store("/srv/o\\v", "/srv/lower"), "backslash");
        Refused(OverlayConfigurationFormat.SystemdMount, Physical("/nix/ov", "/srv/lower"), "would hide");
        Refused(OverlayConfigurationFormat.Fstab, Physical("/srv/ov", "/"), "would hide");
        Refused(OverlayConfigurationFormat.Docker, Store("/nix/store/ov", "/srv/lower"), "inside the store");
        Refused(OverlayConfigurationFormat.Kubernetes, Store("/srv/ov", "/nix/store/lower"), "inside the store");
    }

    [Fact]
    public void What_nobody_knows_is_an_error()
    {
        var location = StoreLocator.Locate(Url("/srv/ov", "/srv/lower"));
        Assert.Equal("OverlayWorkDirectoryUnknown", Assert.Throws<NixStoreException>(()
            => Write(OverlayConfigurationFormat.Fstab, OverlayStoreFactory.Create(location, null))).ErrorId);
        var elsewhere = StoreLocator.Locate("local-overlay://?lower-store=/srv/lower&upper-layer=/srv/layer");
        Assert.Equal("OverlayPathUnknown", Assert.Throws<NixStoreException>(()
            => Write(OverlayConfigurationFormat.Docker, OverlayStoreFactory.Create(elsewhere, null))).ErrorId);
    }

    [Fact]
    public void A_stores_own_options_of_the_mount_stay()
    {
        var options = MountOptions.Of(new MachinePlaces(new OverlayStore
        {
            Store = "x", Directory = "/nix/store", RealDirectory = "/m", StateDirectory = "/s", LowerStore = "l", LowerDirectory = "/l", UpperLayer = "/u",
            WorkDirectory = "/w", MountOptions = "rw,relatime,lowerdir=/l,upperdir=/u,workdir=/w,index=off,userxattr,uuid=on",
        }, "/m", "/s", false));

        Assert.Equal(["lowerdir=/l", "upperdir=/u", "workdir=/w", "index=off", "userxattr"], options);
    }

    private static string Url(string root, string lower, string more = "")
        => new StoreUrl("local-overlay", "", new Dictionary<string, string>
        {
            ["root"] = root, ["lower-store"] = new StoreUrl("local", "", new Dictionary<string, string> { ["root"] = lower, ["read-only"] = "true" }).ToString(),
            ["upper-layer"] = $"{root}/upper", ["remount-hook"] = $"{root}/remount.sh",
        }) + more;

    private static OverlayStore Store(string root, string lower, string more = "")
    {
        var location = StoreLocator.Locate(Url(root, lower, more));
        return OverlayStoreFactory.Create(location, new OverlayDescription(location.Url, root, $"{root}/work"));
    }

    private static OverlayStore Physical(string root, string lower) => OverlayStoreFactory.Create(
        OverlayForm.Physical(StoreLocator.Locate(Url(root, lower))), new OverlayDescription("", root, $"{root}/work"));

    private static string Write(OverlayConfigurationFormat format, OverlayStore store, int? userId = null)
        => Assert.Single(OverlayConfigurations.Write(new OverlayDeployment { Store = store, UserId = userId }, format));

    private static void Refused(OverlayConfigurationFormat format, OverlayStore store, string why)
    {
        var error = Assert.Throws<NixStoreException>(() => OverlayConfigurations.Write(new OverlayDeployment { Store = store }, format));
        Assert.Equal("OverlayNotExpressible", error.ErrorId);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }
}
