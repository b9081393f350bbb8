using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Faults;

/// <summary>Repair by a rebuild with real Nix, in a store that is physically at /nix/store: only the registered contents are accepted.</summary>
public sealed class RebuildTests
{
    [SkippableTheory]
    [InlineData("a1-missing-output-with-referrers")]
    [InlineData("c2-bit-flip")]
    [InlineData("d4-empty-dir")]
    public void What_no_source_has_is_built_again(string damage)
    {
        using var store = new StoreUnderTest(optimised: false);
        var path = store.PathOf("libfoo3-1.3");
        store.Damage(damage);

        var result = Rebuild(store, path);

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Contains("rebuild", result.Output, StringComparison.Ordinal);
        Assert.Empty(store.Check());
        Assert.Equal(0, PhysicalNix.Verify(store.Root).ExitCode);
    }

    [SkippableFact]
    public void A_build_with_another_result_is_refused_and_the_path_left_alone()
    {
        using var store = new StoreUnderTest(optimised: false);
        var path = BuildUnreproducible(store);
        File.AppendAllText($"{store.Root}{path}", "damage");
        Command.Run("touch", "-d", "@1", $"{store.Root}{path}");
        var before = StoreContents.HashBelow(store.Location.RealDirectory);

        var result = Rebuild(store, path);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("cannot be repaired", result.Error, StringComparison.Ordinal);
        Assert.Equal(before, StoreContents.HashBelow(store.Location.RealDirectory));
    }

    [SkippableFact]
    public void Without_a_Nix_the_error_says_so()
    {
        using var store = new StoreUnderTest(optimised: false);
        var path = store.PathOf("libfoo3-1.3");
        store.Damage("c2-bit-flip");

        var result = Command.Try(RescueProgram.Environment, "env",
            ["PATH=/nonexistent", .. RescueProgram.Repair(store.Root, null, path), "--rebuild"]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("there is no nix-store on this machine's PATH", result.Error, StringComparison.Ordinal);
    }

    private static CommandResult Rebuild(StoreUnderTest store, string path)
    {
        using var programs = new TemporaryDirectory();
        File.CreateSymbolicLink(programs["nix-store"], PhysicalNix.Program("nix234-store"));
        var environment = PhysicalNix.Environment(store.Root);

        // The configuration that the wrapper of this Nix brings must not be hidden by ours.
        environment["PATH"] = $"{programs.Path}:{Environment.GetEnvironmentVariable("PATH")}";
        return Command.Try(environment, $"{SourceTree.Interop}/in-store.sh",
            [store.Root, .. RescueProgram.Repair("local", null, path), "--rebuild"]);
    }

    private static string BuildUnreproducible(StoreUnderTest store)
    {
        const string expression = """
            derivation { name = "random"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "/usr/bin/head -c 16 /dev/urandom > $out; :" ]; }
            """;
        var built = PhysicalNix.Run(store.Root, "nix234-build", "--no-out-link", "-E", expression);
        Assert.True(built.ExitCode == 0, built.Error);
        return built.Output;
    }
}
