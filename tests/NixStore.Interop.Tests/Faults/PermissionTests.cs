using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Faults;

/// <summary>Somebody who may only read a store may look at all of it, and is told plainly that nothing can be repaired.</summary>
[Collection(LabCollection.Name)]
public sealed class PermissionTests(Lab lab)
{
    private static readonly string[] s_asNobody = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];

    [SkippableFact]
    public void Nobody_can_verify_a_store_of_root()
    {
        using var store = MakeReadable();
        store.Damage("c2-bit-flip");
        var before = StoreContents.Hash($"{store.Root}/nix");

        var result = RunAsNobody(RescueProgram.Path, "verify", "--store", store.Root);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("libfoo3-1.3", result.Output, StringComparison.Ordinal);

        // Access times are not counted here: the kernel lets only the owner leave them alone.
        Assert.Equal(before, StoreContents.Hash($"{store.Root}/nix"));
    }

    [SkippableFact]
    public void Nobody_cannot_repair_and_changes_nothing()
    {
        using var store = MakeReadable();
        store.Damage("c2-bit-flip");
        var before = StoreContents.Hash($"{store.Root}/nix");
        using var cache = new CacheCopy(lab.CacheOf(optimised: false));
        Command.Run("chmod", "755", System.IO.Path.GetDirectoryName(cache.Cache.Directory)!);

        var result = RunAsNobody(RescueProgram.Repair(store.Root, cache.Cache));

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("permi", result.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(before, StoreContents.Hash($"{store.Root}/nix"));
    }

    private static StoreUnderTest MakeReadable()
    {
        Skip.IfNot(Command.Exists("setpriv"), "TOOLS MISSING: setpriv");
        Skip.IfNot(RunAsNobody("test", "-r", RescueProgram.Path).ExitCode == 0, "NOT REACHABLE: the user nobody cannot run the program in this directory");
        var store = new StoreUnderTest(optimised: false);
        Command.Run("chmod", "755", System.IO.Path.GetDirectoryName(store.Root)!, store.Root);
        return store;
    }

    private static CommandResult RunAsNobody(params string[] commandLine)
        => Command.Try(RescueProgram.Environment, "setpriv", [.. s_asNobody, .. commandLine]);
}
