using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Stores;

[Collection(NixEnvironment.Alone)]
public sealed class StoreLocatorTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly NixEnvironment _environment;

    public StoreLocatorTests() => _environment = new NixEnvironment(_directory.Path);

    public void Dispose()
    {
        _environment.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("auto")]
    [InlineData("local")]
    [InlineData("local://")]
    [InlineData("daemon")]
    [InlineData("unix://")]
    public void The_default_is_the_system_store(string? store)
    {
        var found = StoreLocator.Locate(store);

        Check(found, "local", "/nix/store", "/nix/store", "/nix/var/nix", "/nix/var/log/nix");
        Assert.Equal(("/nix/var/nix/db/db.sqlite", "/nix/var/nix/db/schema", "/nix/store/.links", "local"),
            (found.DatabasePath, found.SchemaPath, found.LinksDirectory, found.ToString()));
    }

    [Theory]
    [InlineData("local?root=/mnt/x")]
    [InlineData("local:///mnt/x")]
    [InlineData("/mnt/x")]
    [InlineData("/mnt/x/")]
    [InlineData("/mnt/y/../x")]
    [InlineData("local?root=%2Fmnt%2Fx")]
    [InlineData("auto?root=/mnt/x")]
    [InlineData("daemon?root=/mnt/x")]
    [InlineData("unix:///nix/var/nix/daemon-socket/socket?root=/mnt/x")]
    public void A_root_stands_before_everything(string store)
        => Check(StoreLocator.Locate(store), "local?root=/mnt/x", "/nix/store", "/mnt/x/nix/store", "/mnt/x/nix/var/nix", "/mnt/x/nix/var/log/nix");

    [Fact]
    public void Real_state_and_log_are_given_singly()
    {
        var found = StoreLocator.Locate("local?real=/r&state=/s/&log=/l");

        Check(found, "local?real=/r&state=/s&log=/l", "/nix/store", "/r", "/s", "/l");
    }

    [Fact]
    public void Below_a_root_the_real_directory_does_not_follow_the_logical_one()
        => Check(StoreLocator.Locate("local?root=/mnt/x&store=/gnu/store"), "local?root=/mnt/x&store=/gnu/store",
            "/gnu/store", "/mnt/x/nix/store", "/mnt/x/nix/var/nix", "/mnt/x/nix/var/log/nix");

    [Fact]
    public void Without_a_root_it_does()
        => Check(StoreLocator.Locate("local?store=/gnu/store"), "local?store=/gnu/store",
            "/gnu/store", "/gnu/store", "/nix/var/nix", "/nix/var/log/nix");

    [Fact]
    public void The_environment_names_the_directories()
    {
        (_environment["NIX_STORE_DIR"], _environment["NIX_STATE_DIR"], _environment["NIX_LOG_DIR"]) = ("/e/store", "/e/state/", "/e/log");

        Check(StoreLocator.Locate(null), "local?store=/e/store&state=/e/state&log=/e/log", "/e/store", "/e/store", "/e/state", "/e/log");
    }

    [Fact]
    public void Below_a_root_the_environment_names_the_logical_directory_only()
    {
        (_environment["NIX_STORE_DIR"], _environment["NIX_STATE_DIR"]) = ("/e/store", "/e/state");

        Check(StoreLocator.Locate("/mnt/x"), "local?root=/mnt/x&store=/e/store",
            "/e/store", "/mnt/x/nix/store", "/mnt/x/nix/var/nix", "/mnt/x/nix/var/log/nix");
    }

    [Theory]
    [InlineData("local?store=/nix/store&state=/nix/var/nix&log=/nix/var/log/nix")]
    [InlineData("/mnt/x")]
    [InlineData("local?root=/mnt/x&store=/nix/store")]
    [InlineData(null)]
    public void The_URL_opens_the_same_store_whatever_the_environment_says(string? store)
    {
        (_environment["NIX_STORE_DIR"], _environment["NIX_STATE_DIR"], _environment["NIX_LOG_DIR"]) = ("/e/store", "/e/state", "/e/log");
        var found = StoreLocator.Locate(store);

        Assert.Equal(found, StoreLocator.Locate(found.Url));
    }

    [Fact]
    public void NIX_REMOTE_goes_before_the_configuration_and_both_before_the_default()
    {
        File.WriteAllText(_directory["nix.conf"], "store = local?root=/from/configuration\n");
        Assert.Equal("/from/configuration/nix/store", StoreLocator.Locate(null).RealDirectory);

        _environment["NIX_REMOTE"] = "local?root=/from/environment";
        Assert.Equal("/from/environment/nix/store", StoreLocator.Locate(null).RealDirectory);
        Assert.Equal("/given/nix/store", StoreLocator.Locate("/given").RealDirectory);
    }

    [Fact]
    public void A_parent_of_store_and_var_is_recognised_by_what_is_there()
    {
        Directory.CreateDirectory(_directory["store"]);
        Directory.CreateDirectory(_directory["var/nix"]);

        var found = StoreLocator.Locate(_directory.Path + "?read-only=true");

        Assert.Equal((_directory["store"], _directory["store"], _directory["var/nix"], _directory["var/log/nix"], true),
            (found.Directory.Path, found.RealDirectory, found.StateDirectory, found.LogDirectory, found.IsReadOnly));
        Assert.Equal(found, StoreLocator.Locate(found.Url));
    }

    [Fact]
    public void A_root_that_also_has_a_directory_store_is_a_root()
    {
        Directory.CreateDirectory(_directory["store"]);
        Directory.CreateDirectory(_directory["var/nix"]);
        Directory.CreateDirectory(_directory["nix"]);

        Assert.Equal(_directory["nix/store"], StoreLocator.Locate(_directory.Path).RealDirectory);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("yes", true)]
    [InlineData("1", true)]
    [InlineData("false", false)]
    [InlineData("0", false)]
    public void Read_only_is_kept_in_the_URL(string value, bool isReadOnly)
    {
        var found = StoreLocator.Locate($"local?root=/mnt/x&read-only={value}");

        Assert.Equal((isReadOnly, isReadOnly ? "local?root=/mnt/x&read-only=true" : "local?root=/mnt/x"), (found.IsReadOnly, found.Url));
    }

    [Theory]
    [InlineData("local?read-only=True")]
    [InlineData("local?read-only=")]
    [InlineData("local?root=/x&rot=/y")]
    [InlineData("local?root=relative")]
    [InlineData("local?state=relative")]
    public void A_mistake_in_a_URL_is_not_passed_over(string store)
        => Assert.Equal("InvalidStoreUrl", Assert.Throws<NixStoreException>(() => StoreLocator.Locate(store)).ErrorId);

    [Fact]
    public void A_logical_directory_must_be_canonical()
        => Assert.Equal("InvalidStoreDirectory", Assert.Throws<NixStoreException>(() => StoreLocator.Locate("local?store=/x/../y")).ErrorId);

    [Theory]
    [InlineData("ssh://host")]
    [InlineData("ssh-ng://host")]
    [InlineData("https://cache.nixos.org")]
    [InlineData("s3://bucket")]
    [InlineData("unix:///run/other.sock")]
    public void Stores_whose_files_are_elsewhere_are_refused(string store)
    {
        var error = Assert.Throws<NixStoreException>(() => StoreLocator.Locate(store));

        Assert.Equal(("StoreNotLocal", store), (error.ErrorId, error.Target));
        Assert.NotNull(error.Remedy);
    }

    [Theory]
    [InlineData("local-overlay://?root=/o&lower-store=local%3Froot%3D%2Fl%26read-only%3Dtrue&upper-layer=/u/")]
    [InlineData("local-overlay:///o?lower-store=local%3Froot=/l%26read-only=true&upper-layer=/x/../u")]
    public void An_overlay_store_has_its_layers(string store)
    {
        var found = StoreLocator.Locate(store);

        Check(found, "local-overlay://?root=/o&lower-store=local%3Froot%3D/l%26read-only%3Dtrue&upper-layer=/u",
            "/nix/store", "/o/nix/store", "/o/nix/var/nix", "/o/nix/var/log/nix");
        Assert.Equal(("/l/nix/store", true, "/u", true, null),
            (found.Overlay!.Lower.RealDirectory, found.Overlay.Lower.IsReadOnly, found.Overlay.UpperLayer, found.Overlay.ChecksMount, found.Overlay.RemountHook));
        Assert.Equal(found.Url, StoreLocator.Locate(found.Url).Url);
    }

    [Fact]
    public void An_overlay_store_keeps_what_else_it_is_told()
    {
        var found = StoreLocator.Locate(
            "local-overlay://?lower-store=unix%3A%2F%2F/run/l.sock%3Froot=/l&upper-layer=/u v&check-mount=false&remount-hook=/bin/r&state=/s");

        Check(found, "local-overlay://?state=/s&lower-store=unix%3A///run/l.sock%3Froot%3D/l&upper-layer=/u%20v&remount-hook=/bin/r&check-mount=false",
            "/nix/store", "/nix/store", "/s", "/nix/var/log/nix");
        Assert.Equal(("/l/nix/store", "/u v", false, "/bin/r"),
            (found.Overlay!.Lower.RealDirectory, found.Overlay.UpperLayer, found.Overlay.ChecksMount, found.Overlay.RemountHook));
    }

    [Theory]
    [InlineData("local-overlay://?root=/x", "InvalidStoreUrl")]
    [InlineData("local-overlay://?root=/x&lower-store=/l", "InvalidStoreUrl")]
    [InlineData("local-overlay://?root=/x&upper-layer=/u", "InvalidStoreUrl")]
    [InlineData("local-overlay://?root=/x&lower-store=/l&upper-layer=u", "InvalidStoreUrl")]
    [InlineData("local-overlay://?root=/x&lower-store=/l&upper-layer=/u&check-mount=maybe", "InvalidStoreUrl")]
    [InlineData("local-overlay://?root=/x&lower-store=local-overlay%3A%2F%2F%3Flower-store%3D/l%26upper-layer%3D/v&upper-layer=/u", "InvalidStoreUrl")]
    [InlineData("local-overlay://?root=/x&lower-store=https://cache&upper-layer=/u", "StoreNotLocal")]
    [InlineData("local-overlay://?root=/x&lower-store=local%3Fstore=/gnu/store&upper-layer=/u", "StoreDirectoryMismatch")]
    public void An_overlay_store_that_cannot_be_is_refused(string store, string id)
        => Assert.Equal(id, Assert.Throws<NixStoreException>(() => StoreLocator.Locate(store)).ErrorId);

    private static void Check(StoreLocation found, string url, string logical, string real, string state, string log)
        => Assert.Equal((url, logical, real, state, log), (found.Url, found.Directory.Path, found.RealDirectory, found.StateDirectory, found.LogDirectory));
}
