using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Kills;

/// <summary>
/// What must hold of a store whose repair was killed: nothing that was there is gone, each entry is as it was or as it should be, what was
/// intact verifies, real Nix can finish, and so can we.
/// </summary>
internal sealed class KillProof : IDisposable
{
    private readonly SignedCache _cache;
    private readonly StoreUnderTest _damaged;
    private readonly SortedDictionary<string, string> _before;
    private readonly SortedDictionary<string, string> _good;
    private readonly HashSet<string> _invalidBefore;

    internal KillProof(Lab lab)
    {
        Skip.IfNot(Command.Exists("setfattr"), "TOOLS MISSING: setfattr");
        _cache = lab.CacheOf(optimised: true);
        _damaged = ManyDamages.Make();
        using var sound = new StoreUnderTest(optimised: true);
        _good = TreeStates.Read(sound.Location.RealDirectory);
        _before = TreeStates.Read(_damaged.Location.RealDirectory);
        _invalidBefore = Invalid(_damaged);
    }

    /// <summary>A store to be repaired and killed.</summary>
    internal StoreUnderTest CopyDamaged() => StoreUnderTest.CopyOf(_damaged);

    /// <summary>The command line that repairs it.</summary>
    internal string[] RepairOf(StoreUnderTest store) => RescueProgram.Repair(store.Root, _cache, _invalidBefore.Order(StringComparer.Ordinal));

    /// <summary>Proves it, whether the repair was killed or not.</summary>
    internal void Verify(StoreUnderTest killed, string where)
    {
        ExpectNothingWorse(killed, where);
        using (var copy = StoreUnderTest.CopyOf(killed))
        {
            ExpectNixToFinish(copy, where);
        }

        ExpectUsToFinish(killed, where);
    }

    public void Dispose() => _damaged.Dispose();

    private void ExpectNothingWorse(StoreUnderTest killed, string where)
    {
        var now = TreeStates.Read(killed.Location.RealDirectory);
        var worse = _before.Keys.Union(_good.Keys).Union(now.Keys)
            .Where(path => State(now, path) is var state && state != State(_before, path) && state != State(_good, path))
            .Select(path => $"{path}: {State(now, path)}, was {State(_before, path)}, should be {State(_good, path)}").ToList();
        Assert.True(worse.Count == 0, $"{where}: worse than before:\n{string.Join('\n', worse)}");

        var newlyInvalid = Invalid(killed).Except(_invalidBefore).ToList();
        Assert.True(newlyInvalid.Count == 0, $"{where}: invalid now: {string.Join(", ", newlyInvalid)}");
    }

    /// <summary>Nix cannot mend a damaged row (a narrow view of its own), so that alone is taken out of its way.</summary>
    private void ExpectNixToFinish(StoreUnderTest store, string where)
    {
        Command.Run("sqlite3", store.Location.DatabasePath, "update ValidPaths set deriver = null where deriver = '/nix/store/x'");
        var repaired = PhysicalNix.Repair(store.Root, _cache);
        Assert.True(repaired.ExitCode == 0, $"{where}: Nix could not finish: {repaired.Error}");
        var verified = PhysicalNix.Verify(store.Root);
        Assert.True(verified.ExitCode == 0, $"{where}: Nix is not content with what it did: {verified.Error}");
    }

    private void ExpectUsToFinish(StoreUnderTest store, string where)
    {
        var (_, errors) = store.Repair(store.Check(), _cache);
        Assert.True(errors.Count == 0, $"{where}: we could not finish: {string.Join('\n', errors.Select(error => error.Message))}");
        Assert.Empty(Invalid(store));
        var now = TreeStates.Read(store.Location.RealDirectory);
        var different = now.Keys.Union(_good.Keys).Where(path => State(now, path) != State(_good, path)).ToList();
        Assert.True(different.Count == 0, $"{where}: not as it should be: {string.Join(", ", different)}");
        var verified = PhysicalNix.Verify(store.Root);
        Assert.True(verified.ExitCode == 0, $"{where}: Nix is not content with what we did: {verified.Error}");
    }

    private static string State(SortedDictionary<string, string> states, string path) => states.GetValueOrDefault(path, TreeStates.Absent);

    private static HashSet<string> Invalid(StoreUnderTest store)
        => store.Check().Where(path => path.Invalid).Select(path => path.Path).ToHashSet(StringComparer.Ordinal);
}
