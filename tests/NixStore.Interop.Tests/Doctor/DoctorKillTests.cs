using System.Diagnostics;
using NixStore.Interop.Tests.Kills;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Doctor;

/// <summary>A doctor that is killed anywhere has made nothing worse, and the next one completes. The soak test kills everywhere.</summary>
[Collection(LabCollection.Name)]
public sealed class DoctorKillTests(Lab lab)
{
    private const int Sample = 2;
    private const int RandomSample = 2;
    private const int Everywhere = int.MaxValue;
    private const int RandomSoak = 100;

    [SkippableFact]
    public void Killed_at_some_system_calls_nothing_is_worse_and_the_next_run_heals() => KillAtCalls(Sample);

    [SkippableFact]
    [Trait("Category", "Soak")]
    public void Killed_at_every_system_call_nothing_is_worse_and_the_next_run_heals() => KillAtCalls(Everywhere);

    [SkippableFact]
    public void Killed_at_some_moments_nothing_is_worse_and_the_next_run_heals() => KillAtMoments(RandomSample);

    [SkippableFact]
    [Trait("Category", "Soak")]
    public void Killed_at_a_hundred_moments_nothing_is_worse_and_the_next_run_heals() => KillAtMoments(RandomSoak);

    private void KillAtCalls(int limit)
    {
        using var proof = new DoctorKillProof(lab);
        var (points, others) = FindPoints(proof);
        var report = new KillReport($"doctor, system calls ({points.Count} that change something, and {others} of other threads)");
        foreach (var point in points.OrderBy(_ => Random.Shared.Next()).Take(limit))
        {
            KillAttempts.At(point, exactly: false, report, call =>
            {
                using var store = proof.CopyDamaged();
                var run = TracedRun.Run(proof.HealingOf(store), call);
                proof.Verify(store, $"killed at {point}");
                return (run, [store.Files.Root]);
            });
        }

        report.Write();
    }

    /// <summary>Only calls of the first thread can be killed exactly; moments meet those of the others.</summary>
    private static (List<KillPoint> Points, int Others) FindPoints(DoctorKillProof proof)
    {
        using var store = proof.CopyDamaged();
        var run = TracedRun.Run(proof.HealingOf(store));
        Assert.True(run.Result.ExitCode == 0, run.Result.Output + run.Result.Error);
        var changes = run.ChangesBelow(store.Files.Root).ToList();
        var points = changes.Where(call => call.Thread == SystemCall.FirstThread).Select(call => KillPoint.Of(call, run, store.Files.Root)).ToList();
        return (points, changes.Count - points.Count);
    }

    private void KillAtMoments(int count)
    {
        using var proof = new DoctorKillProof(lab);
        var length = MeasureLength(proof);
        var report = new KillReport("doctor, moments");
        while (report.Killed < count)
        {
            var moment = length * Random.Shared.NextDouble();
            using var store = proof.CopyDamaged();
            var start = Stopwatch.GetTimestamp();
            using var process = RescueProgram.Start(proof.HealingOf(store));
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

    private static TimeSpan MeasureLength(DoctorKillProof proof)
    {
        using var store = proof.CopyDamaged();
        var start = Stopwatch.GetTimestamp();
        var result = RescueProgram.Run(proof.HealingOf(store));
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        return Stopwatch.GetElapsedTime(start);
    }
}
