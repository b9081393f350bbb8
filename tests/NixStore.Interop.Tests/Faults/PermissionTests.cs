using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Faults;

/// <summary>Somebody who may only read a store may look at all of it, and is told plainly that nothing can be repaired.</summary>
[Collection(LabCollection.Name)]
public sealed class PermissionTests(Lab lab) : IDisposable
{
    private readonly ReachableProgram _program = new();

    private static readonly string[] s_asNobody = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];

    [SkippableFact]
    public void Nobody_can_verify_a_store_of_root()
    {
        using var store = MakeReadable();
        store.Damage("c2-bit-flip");
        var before = StoreContents.Hash($"{store.Root}/nix");

        var result = RunAsNobody(_program.Path, "verify", "--store", store.Root);

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

        var result = RunAsNobody([_program.Path, .. RescueProgram.Repair(store.Root, cache.Cache)[1..]]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("permi", result.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(before, StoreContents.Hash($"{store.Root}/nix"));
    }

    [SkippableFact]
    public void Nobody_collects_a_store_of_its_own()
    {
        using var store = MakeReadable();
        Command.Run("chown", "-R", "65534:65534", store.Root);
        var expected = RescueProgram.Run(RescueProgram.Alone(_program.Path, "gc", "--store", store.Root, "--print-live")).Output.Split('\n').Order(StringComparer.Ordinal);

        // Without processes of others, which it could not look into.
        var result = RescueProgram.Run(RescueProgram.Alone(["setpriv", .. s_asNobody, _program.Path, "gc", "--store", store.Root]));

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(expected, Directory.EnumerateFileSystemEntries(store.Location.RealDirectory)
            .Select(entry => $"/nix/store/{System.IO.Path.GetFileName(entry)}").Where(path => !path.EndsWith("/.links", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    public void Dispose() => _program.Dispose();

    private static StoreUnderTest MakeReadable()
    {
        Skip.IfNot(Command.Exists("setpriv"), "TOOLS MISSING: setpriv");
        var store = new StoreUnderTest(optimised: false);
        Command.Run("chmod", "755", System.IO.Path.GetDirectoryName(store.Root)!, store.Root);
        return store;
    }

    private static CommandResult RunAsNobody(params string[] commandLine)
        => Command.Try(RescueProgram.Environment, "setpriv", [.. s_asNobody, .. commandLine]);

    /// <summary>A copy of the program in a place that every user can reach, which this source tree need not be.</summary>
    private sealed class ReachableProgram : IDisposable
    {
        private readonly TemporaryDirectory _directory = new();

        internal ReachableProgram()
        {
            Command.Run("cp", "-r", System.IO.Path.GetDirectoryName(RescueProgram.Path)!, _directory["program"]);
            Command.Run("chmod", "-R", "a+rX", _directory["."]);
        }

        internal string Path => _directory["program/nixstore"];

        public void Dispose() => _directory.Dispose();
    }
}
