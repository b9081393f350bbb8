using NixStore.Interop.Tests.Kills;

namespace NixStore.Interop.Tests.Publishing;

/// <summary>A publication that is killed anywhere leaves a lower store that verifies clean, and the next one completes. The soak test kills everywhere.</summary>
public sealed class PublicationKillTests
{
    private const int Sample = 2;
    private const int Everywhere = int.MaxValue;

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Killed_at_some_system_calls_both_stores_are_clean_and_the_next_run_completes(int setup) => KillAtCalls((PublicationSetup)setup, Sample);

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [Trait("Category", "Soak")]
    public void Killed_at_every_system_call_both_stores_are_clean_and_the_next_run_completes(int setup) => KillAtCalls((PublicationSetup)setup, Everywhere);

    private static void KillAtCalls(PublicationSetup setup, int limit)
    {
        var points = FindPoints(setup);
        Assert.True(points.Count > 40, $"Only {points.Count} calls change something.");
        var report = new KillReport($"publishing ({setup}), system calls ({points.Count} that change something)");
        foreach (var point in points.OrderBy(_ => Random.Shared.Next()).Take(limit))
        {
            KillAttempts.At(point, exactly: true, report, call =>
            {
                using var publication = new PublicationUnderTest(setup);
                var run = TracedRun.Run(publication.CommandLine, call);
                publication.Verify($"{setup}, killed at {point}");
                return (run, publication.Places);
            });
        }

        report.Write();
    }

    /// <summary>With one job, all that changes something is done by the first thread.</summary>
    private static List<KillPoint> FindPoints(PublicationSetup setup)
    {
        using var publication = new PublicationUnderTest(setup);
        var run = TracedRun.Run(publication.CommandLine);
        Assert.True(run.Result.ExitCode == 0, run.Result.Output + run.Result.Error);
        publication.Verify($"{setup}, not killed");
        var calls = run.Calls.Where(call => call.Changes && publication.Places.Any(place => call.Arguments.Contains(place, StringComparison.Ordinal))).ToList();
        Assert.DoesNotContain(calls, call => call.Thread != SystemCall.FirstThread);
        return calls.ConvertAll(call => KillPoint.Of(call, run, publication.Places));
    }
}
