using System.Diagnostics;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Kills;

/// <summary>A repair that is killed anywhere leaves nothing worse, and whoever comes next can finish. The soak test kills everywhere.</summary>
[Collection(LabCollection.Name)]
public sealed class KillTests(Lab lab)
{
    private const int Sample = 3;
    private const int RandomSample = 2;
    private const int Everywhere = int.MaxValue;
    private const int RandomSoak = 100;
    private const int Attempts = 6;

    [SkippableFact]
    public void Killed_at_some_system_calls_nothing_is_worse_and_everybody_can_finish() => KillAtCalls(Sample);

    [SkippableFact]
    [Trait("Category", "Soak")]
    public void Killed_at_every_system_call_nothing_is_worse_and_everybody_can_finish() => KillAtCalls(Everywhere);

    [SkippableFact]
    public void Killed_at_some_moments_nothing_is_worse_and_everybody_can_finish() => KillAtMoments(RandomSample);

    [SkippableFact]
    [Trait("Category", "Soak")]
    public void Killed_at_a_hundred_moments_nothing_is_worse_and_everybody_can_finish() => KillAtMoments(RandomSoak);

    [SkippableFact]
    public void Killed_while_it_takes_up_an_interrupted_repair_the_only_good_copy_is_not_lost()
    {
        foreach (var point in PointsOfTakingUp())
        {
            KillAttempts.At(point, exactly: false, new KillReport("taking up an interrupted repair"), call =>
            {
                using var store = MakeInterrupted();
                var run = TracedRun.Run(RescueProgram.Repair(store.Root, null, store.PathOf("libfoo3-1.3")), call);

                var (_, errors) = store.Repair(store.Check());

                Assert.True(errors.Count == 0, $"{point}: {errors.FirstOrDefault()?.Message}");
                Assert.DoesNotContain(store.Check(), path => path.Invalid);
                return (run, [store.Root]);
            });
        }
    }

    [SkippableFact]
    public void Killed_before_any_rename_the_link_of_a_repaired_file_is_not_left_bad()
    {
        using var damaged = new StoreUnderTest(optimised: true);
        var good = TreeStates.Read(damaged.Location.RealDirectory);
        damaged.Damage("c2-bit-flip");
        using var repaired = StoreUnderTest.CopyOf(damaged);
        var whole = TracedRun.Run(Repair(repaired));
        var renames = whole.ChangesBelow(repaired.Root).Where(call => call.Name == "renameat2").ToList();
        Assert.True(renames.Count >= 2, whole.Result.Output + whole.Result.Error);
        foreach (var rename in renames)
        {
            using var store = StoreUnderTest.CopyOf(damaged);
            Assert.True(TracedRun.Run(Repair(store), rename).WasKilled);

            store.Repair(store.Check(), lab.CacheOf(optimised: true));

            // The links as well: a bad one that nobody points at is spread by the next optimisation.
            Assert.Equal(good, TreeStates.Read(store.Location.RealDirectory));
        }

        string[] Repair(StoreUnderTest store) => RescueProgram.Repair(store.Root, lab.CacheOf(optimised: true), store.PathOf("libfoo3-1.3"));
    }

    private static List<KillPoint> PointsOfTakingUp()
    {
        using var store = MakeInterrupted();
        var run = TracedRun.Run(RescueProgram.Repair(store.Root, null, store.PathOf("libfoo3-1.3")));
        Assert.True(run.Result.ExitCode == 0, run.Result.Error);

        // From the first call that concerns the good copy on; before, twins are tried, and at the end the bad copy is removed piece by piece.
        return [.. run.ChangesBelow(store.Location.RealDirectory).SkipWhile(call => !call.Arguments.Contains(".old-1-2", StringComparison.Ordinal)).Take(6)
            .Select(call => KillPoint.Of(call, run, store.Root))];
    }

    /// <summary>Bad contents at the path's place, the good ones beside it under the name that an interrupted repair leaves.</summary>
    private static StoreUnderTest MakeInterrupted()
    {
        var store = new StoreUnderTest(optimised: false);
        var path = store.RealPathOf("libfoo3-1.3");
        Directory.Move(path, path + ".old-1-2");
        Command.Run("cp", "-a", store.RealPathOf("libfoo4-1.4"), path);
        return store;
    }

    private void KillAtCalls(int limit)
    {
        using var proof = new KillProof(lab);
        var all = FindPoints(proof);
        var missed = new List<string>();
        var report = new KillReport($"system calls ({all.Count} that change something)");
        var hits = 0;
        foreach (var point in limit < all.Count ? RenamesFirst(all, limit / 2) : all)
        {
            if (hits == limit)
            {
                break;
            }

            var isHit = Enumerable.Range(0, Attempts).Any(attempt => KillAt(proof, point, attempt, report, missed));

            // A sample takes another; where every call is wanted, none may be left out.
            Assert.True(isHit || limit < all.Count, $"Never killed at {point}:\n{string.Join('\n', missed)}");
            hits += isHit ? 1 : 0;
        }

        Assert.True(hits >= Math.Min(limit, all.Count), $"Killed at {hits} calls only:\n{string.Join('\n', missed)}");
        report.Write();
    }

    /// <summary>
    /// Kills a repair at a call; false when it was killed elsewhere. Threads take turns as they please, so a call does not always come at the
    /// same place: every other attempt counts the calls on its file alone.
    /// </summary>
    private static bool KillAt(KillProof proof, KillPoint point, int attempt, KillReport report, List<string> missed)
    {
        using var store = proof.CopyDamaged();
        var run = attempt % 2 == 1 && point.File is { } file
            ? TracedRun.Run(proof.RepairOf(store), point.Call with { Ordinal = point.OrdinalOnFile }, store.Root + file)
            : TracedRun.Run(proof.RepairOf(store), point.Call);
        proof.Verify(store, $"killed at {point}");
        var exactly = run.WasKilled && point.IsLastOf(run, store.Root);
        report.Add(run.WasKilled, exactly);
        if (!exactly)
        {
            missed.Add($"{point}: the last call was {run.Calls.LastOrDefault()?.Describe(store.Root)}");
        }

        return exactly;
    }

    /// <summary>In another order on each run, so that in time all are tried; renames, at which things could go wrong most, come first.</summary>
    private static List<KillPoint> RenamesFirst(List<KillPoint> points, int count)
    {
        var shuffled = points.OrderBy(_ => Random.Shared.Next()).ToList();
        var renames = shuffled.Where(point => point.Call.Name == "renameat2").Take(count).ToList();
        return [.. renames, .. shuffled.Except(renames)];
    }

    private void KillAtMoments(int count)
    {
        using var proof = new KillProof(lab);
        var length = MeasureLength(proof);
        var report = new KillReport("moments");
        while (report.Killed < count)
        {
            // The runtime needs the first third to start.
            var moment = length * (0.3 + (0.7 * Random.Shared.NextDouble()));
            using var store = proof.CopyDamaged();
            var start = Stopwatch.GetTimestamp();
            using var process = RescueProgram.Start(proof.RepairOf(store));
            var finished = process.WaitForExit(moment);
            if (!finished)
            {
                process.Kill();
                process.WaitForExit();
            }
            else
            {
                // The machine has become faster: do not aim behind the end again.
                length = Stopwatch.GetElapsedTime(start);
            }

            proof.Verify(store, $"killed after {moment.TotalMilliseconds:0} ms");
            report.Add(!finished, !finished);
        }

        report.Write();
    }

    private static List<KillPoint> FindPoints(KillProof proof)
    {
        using var store = proof.CopyDamaged();
        var run = TracedRun.Run(proof.RepairOf(store));
        Assert.True(run.Result.ExitCode == 0, run.Result.Error);
        return [.. run.ChangesBelow(store.Root).Select(call => KillPoint.Of(call, run, store.Root))];
    }

    private static TimeSpan MeasureLength(KillProof proof)
    {
        using var store = proof.CopyDamaged();
        var start = Stopwatch.GetTimestamp();
        var result = RescueProgram.Run(proof.RepairOf(store));
        Assert.True(result.ExitCode == 0, result.Error);
        return Stopwatch.GetElapsedTime(start);
    }
}
