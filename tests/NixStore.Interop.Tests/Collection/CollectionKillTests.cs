using NixStore.Engine.Trash;
using NixStore.Interop.Tests.Kills;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Collection;

/// <summary>A collection that is killed anywhere leaves a store that real Nix accepts, and the next one goes on; what was to go into the trash comes back.</summary>
public sealed class CollectionKillTests
{
    private const int Sample = 4;
    private const int Everywhere = int.MaxValue;

    [SkippableFact]
    public void Killed_at_some_calls_the_store_is_valid_and_the_next_collection_goes_on() => Delete(Sample);

    [SkippableFact]
    [Trait("Category", "Soak")]
    public void Killed_at_every_call_the_store_is_valid_and_the_next_collection_goes_on() => Delete(Everywhere);

    [SkippableFact]
    public void Killed_at_some_calls_everything_in_the_trash_comes_back() => PutIntoTrash(Sample);

    [SkippableFact]
    [Trait("Category", "Soak")]
    public void Killed_at_every_call_everything_in_the_trash_comes_back() => PutIntoTrash(Everywhere);

    private static void Delete(int limit) => KillEach("collection", limit, [], (store, where, _) =>
    {
        using (var copy = StoreUnderTest.CopyOf(store))
        {
            _ = Collecting.Nix(copy.Root);
            Collecting.ExpectClean(copy.Root);
        }

        var next = RescueProgram.Run(RescueProgram.Alone(Command(store, [])));
        Assert.True(next.ExitCode == 0, $"{where}: {next.Error}");
        var dead = RescueProgram.Run(RescueProgram.Alone(Command(store, ["--print-dead"])));
        Assert.True(dead.Output.Trim().Length == 0, $"{where}: still dead: {dead.Output}");
        Collecting.ExpectClean(store.Root);
    });

    private static void PutIntoTrash(int limit) => KillEach("collection into the trash", limit, ["--trash"], (store, where, before) =>
    {
        using (var restorer = TrashRestorer.Open(store.Location, false, error => Assert.Fail(error.Message), CancellationToken.None))
        {
            foreach (var item in StoreTrash.List(store.Location, error => Assert.Fail(error.Message)).ToList().Where(item => !restorer.HasRestored(item.Path)))
            {
                restorer.Restore(item.Path, _ => { });
            }
        }

        Assert.True(before == State(store), $"{where}: files or rows differ");
        Collecting.ExpectClean(store.Root);
    });

    private static void KillEach(string what, int limit, string[] options, Action<StoreUnderTest, string, string> prove)
    {
        using var fresh = new StoreUnderTest(optimised: true);
        var points = FindPoints(fresh, options);
        var chosen = points.OrderBy(_ => Random.Shared.Next()).Take(limit).ToList();
        var report = new KillReport($"{what}, system calls ({points.Count} that change something)");
        foreach (var point in chosen)
        {
            KillAttempts.At(point, exactly: false, report, call =>
            {
                using var store = StoreUnderTest.CopyOf(fresh);
                var before = State(store);
                var run = TracedRun.Run(Command(store, options), call, isAlone: true);
                var where = $"killed at {point}";
                Collecting.ExpectClean(store.Root);
                prove(store, where, before);
                return (run, [store.Root]);
            });
        }

        report.Write();
    }

    /// <summary>All calls of the first thread that change something of the store; its other threads only answer whoever adds roots.</summary>
    private static List<KillPoint> FindPoints(StoreUnderTest fresh, string[] options)
    {
        using var store = StoreUnderTest.CopyOf(fresh);
        var run = TracedRun.Run(Command(store, options), isAlone: true);
        Assert.True(run.Result.ExitCode == 0, run.Result.Error);
        return [.. run.ChangesBelow(store.Root).Where(call => call.Thread == SystemCall.FirstThread).Select(call => KillPoint.Of(call, run, store.Root))];
    }

    private static string[] Command(StoreUnderTest store, string[] options) => [RescueProgram.Path, "gc", "--jobs", "1", "--store", store.Root, .. options];

    private static string State(StoreUnderTest store)
        => $"{StoreContents.HashBelow(store.Location.RealDirectory)}\n{string.Join('\n', StoreState.Read(store.Location))}";
}
