using System.Text.Json;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.EmptyRoot;

/// <summary>The executable runs where there is nothing else: no loader, no library, no /dev, no /etc, no /tmp, no variable, nothing below /nix.</summary>
[Collection(LabCollection.Name)]
public sealed class EmptyRootTests(Lab lab)
{
    /// <summary>An empty file system with /proc and the executable's own directory; <c>$0</c> is that directory, <c>run</c> runs it.</summary>
    private const string Root = """
        root=$(mktemp -d); mount -t tmpfs tmpfs "$root"
        trap 'kill $(jobs -p) 2>/dev/null || true; wait; umount -R "$root"; rmdir "$root"' EXIT
        mkdir "$root/proc" "$root/rescue"; mount -t proc proc "$root/proc"; cp "$0/"* "$root/rescue/"
        run() { env -i "$(command -v chroot)" "$root" /rescue/nixstore "$@" || echo "$1: exit code $?"; }
        exec 2>&1

        """;

    [SkippableFact]
    public void The_demo_damages_and_repairs_a_store_of_its_own()
    {
        var output = Run("run --version; run demo; ls \"$root\" \"$root/rescue\"");

        Assert.Contains("All 7 paths are valid.", output, StringComparison.Ordinal);
        Assert.DoesNotContain("exit code", output, StringComparison.Ordinal);
        Assert.EndsWith("/rescue:\nnixstore", output.TrimEnd(), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("a1-missing-output-with-referrers")]
    [InlineData("c1-zero-length-file")]
    [InlineData("c2-bit-flip")]
    public void A_real_store_is_verified_and_repaired(string damage)
    {
        using var store = new StoreUnderTest(optimised: false);
        store.Damage(damage);

        var output = Run("""
            mkdir "$root/nix" "$root/cache"; mount --bind "$1/nix" "$root/nix"; mount --bind "$2" "$root/cache"
            run verify --invalid
            run repair --check-contents --source file:///cache --trusted-public-key "$3"
            run verify --invalid; echo "the end"
            """, store.Root, lab.CacheOf(optimised: false).Directory, SignedCache.PublicKey);

        Assert.Contains("verify: exit code 1", output, StringComparison.Ordinal);
        Assert.DoesNotContain("repair: exit code", output, StringComparison.Ordinal);
        Assert.Single(output.Split('\n'), line => line.StartsWith("verify: exit code", StringComparison.Ordinal));
        Assert.EndsWith("the end", output, StringComparison.Ordinal);
        Assert.Empty(store.Check());
        Assert.Equal(0, PhysicalNix.Verify(store.Root).ExitCode);
    }

    [SkippableTheory]
    [InlineData("h2-header-destroyed")]
    [InlineData("h6-db-dir-missing")]
    public void The_doctor_makes_a_lost_database_anew(string damage)
    {
        using var store = new StoreUnderTest(optimised: false);
        store.Damage(damage);

        var output = Run("""
            mkdir "$root/nix" "$root/cache"; mount --bind "$1/nix" "$root/nix"; mount --bind "$2" "$root/cache"
            run status; run doctor --yes --source file:///cache --trusted-public-key "$3"; run verify --invalid; echo "the end"
            """, store.Root, lab.CacheOf(optimised: false).Directory, SignedCache.PublicKey);

        Assert.Contains("status: exit code 1", output, StringComparison.Ordinal);
        Assert.DoesNotContain("doctor: exit code", output, StringComparison.Ordinal);
        Assert.DoesNotContain("verify: exit code", output, StringComparison.Ordinal);
        Assert.EndsWith("the end", output, StringComparison.Ordinal);
        Assert.Equal(0, PhysicalNix.Verify(store.Root).ExitCode);
    }

    [SkippableFact]
    public void A_cache_is_reached_by_https_with_the_certificates_beside_the_executable()
    {
        Skip.IfNot(Command.Exists("openssl"), "TOOL MISSING: openssl makes a certificate");
        const string server = """
            import http.server, os, ssl, sys
            class Quiet(http.server.SimpleHTTPRequestHandler):
                def log_message(self, *arguments): pass
            os.chdir(sys.argv[1])
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(sys.argv[2], sys.argv[3])
            server.socket = context.wrap_socket(server.socket, server_side=True)
            with open(sys.argv[4] + "~", "w") as port: port.write(str(server.server_port))
            os.rename(sys.argv[4] + "~", sys.argv[4])
            server.serve_forever()
            """;
        using var store = new StoreUnderTest(optimised: false);
        store.Damage("c2-bit-flip");

        var output = Run("""
            mkdir "$root/nix"; mount --bind "$1/nix" "$root/nix"
            openssl req -x509 -newkey rsa:2048 -nodes -keyout "$root/key" -out "$root/certificate" -days 2 -subj /CN=here \
              -addext subjectAltName=IP:127.0.0.1 2>/dev/null
            python3 -c "$4" "$2" "$root/certificate" "$root/key" "$root/port" &
            server=$!; until [ -e "$root/port" ]; do kill -0 $server; sleep 0.1; done
            source=https://127.0.0.1:$(cat "$root/port")
            run repair --check-contents --source "$source" --trusted-public-key "$3"
            cp "$root/certificate" "$root/rescue/ca-bundle.crt"
            run repair --check-contents --source "$source" --trusted-public-key "$3"; echo "the end"
            """, store.Root, lab.CacheOf(optimised: false).Directory, SignedCache.PublicKey, server);

        Assert.Contains("UntrustedRoot", output, StringComparison.Ordinal);
        Assert.Single(output.Split('\n'), line => line == "repair: exit code 1");
        Assert.EndsWith("the end", output, StringComparison.Ordinal);
        Assert.Empty(store.Check());
    }

    [SkippableFact]
    public void A_terminal_that_nothing_describes_is_written_to()
    {
        Skip.IfNot(Command.Exists("script"), "TOOL MISSING: script (Debian: bsdutils) makes a terminal");
        using var store = new StoreUnderTest(optimised: false);
        store.Damage("c2-bit-flip");

        var output = Run("""
            mkdir "$root/nix"; mount --bind "$1/nix" "$root/nix"
            script -qec "env -i TERM=xterm-256color $(command -v chroot) $root /rescue/nixstore verify" /dev/null || echo "exit code $?"
            """, store.Root);

        Assert.Contains("Corrupt", output, StringComparison.Ordinal);
        Assert.Contains("74 valid, 1 not.", output, StringComparison.Ordinal);
        Assert.EndsWith("exit code 1", output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_store_is_looked_at()
    {
        using var store = new StoreUnderTest(optimised: false);
        var path = store.PathOf("libfoo3-1.3");

        var lines = Run("""
            mkdir "$root/nix"; mount --bind "$1/nix" "$root/nix"
            run status --json; run roots --json; run why --json "$2"
            """, store.Root, path).Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToList();

        Assert.Equal("/nix/store", lines[0].GetProperty("realDirectory").GetString());
        Assert.Equal(0, lines[0].GetProperty("problems").GetArrayLength());
        Assert.Contains(lines, line => line.TryGetProperty("origin", out var origin) && origin.GetString() == "Profile");
        Assert.Equal(path, lines[^1].GetProperty("path").GetString());
        Assert.True(lines[^1].GetProperty("alive").GetBoolean());
    }

    private static string Run(string script, params string[] arguments)
    {
        Skip.IfNot(Command.Exists("unshare") && Command.Exists("chroot") && Environment.IsPrivilegedProcess, "NOT ROOT: an empty root needs unshare -m and chroot");
        var program = Environment.GetEnvironmentVariable("NIXSTORE_EXECUTABLE");
        Skip.If(program is null, "NOT PUBLISHED: build/xunit.sh publishes nixstore where there is a C compiler");
        Skip.IfNot(IsStatic(program!), "NOT LINKED STATICALLY: build/rescue.sh says what it needs for that");
        return MountScript.Run(Root + script, [Path.GetDirectoryName(program)!, .. arguments]);
    }

    /// <summary>SQLite's library is beside it only where it is not a part of it.</summary>
    private static bool IsStatic(string program) => !File.Exists(Path.Join(Path.GetDirectoryName(program), "libe_sqlite3.so"));
}
