using NixStore.Interop.Tests.Kills;

namespace NixStore.Interop.Tests.Overlay;

/// <summary>A repair of an overlay store that is killed anywhere has lost nothing, and the next one completes. The soak test kills everywhere.</summary>
public sealed class OverlayRepairKillTests
{
    private const int Sample = 4;
    private const int Everywhere = int.MaxValue;

    [SkippableFact]
    public void Killed_at_some_system_calls_nothing_is_lost_and_the_next_run_completes() => KillAtCalls(Sample);

    [SkippableFact]
    [Trait("Category", "Soak")]
    public void Killed_at_every_system_call_nothing_is_lost_and_the_next_run_completes() => KillAtCalls(Everywhere);

    /// <summary>On a store of its own: whoever has looked leaves files beside the databases, with which a repair makes other calls.</summary>
    [SkippableFact]
    public void Almost_every_step_is_taken()
    {
        using var overlay = new RepairedOverlay();

        Assert.Equal(
            [
                OverlayRepairAction.WriteRemountHook, OverlayRepairAction.RemoveWhiteout, OverlayRepairAction.RemoveFragment,
                OverlayRepairAction.Remount, OverlayRepairAction.CopyRow, OverlayRepairAction.RemoveRow,
            ],
            OverlayRepairProgram.Plan(overlay.Store).Steps.Select(step => step.Step.Action));
    }

    [SkippableFact]
    public void The_lower_tree_is_on_disk_before_the_part_of_it_goes_from_the_upper_layer()
    {
        using var overlay = new RepairedOverlay();
        var calls = TracedRun.Run(OverlayRepairProgram.CommandLineFor(overlay.Store)).Calls.ToList();

        var moved = calls.FindIndex(call => call.Name == "renameat2" && call.Arguments.Contains(Path.GetFileName(overlay.Tree), StringComparison.Ordinal));
        var synced = calls.FindIndex(call => call.Name == "syncfs" && call.Result == "0");

        Assert.True(synced >= 0 && synced < moved, $"call {synced} writes to the disk what call {moved} has nothing but");
    }

    private static void KillAtCalls(int limit)
    {
        var points = FindPoints();
        Assert.True(points.Count > 30, $"Only {points.Count} calls change something.");
        var report = new KillReport($"overlay repair, system calls ({points.Count} that change something)");
        foreach (var point in points.OrderBy(_ => Random.Shared.Next()).Take(limit))
        {
            KillAttempts.At(point, exactly: false, report, call =>
            {
                using var overlay = new RepairedOverlay();
                var run = TracedRun.Run(OverlayRepairProgram.CommandLineFor(overlay.Store), call);
                overlay.Verify($"killed at {call.Name} number {call.Ordinal}: {point}");
                return (run, [.. overlay.Places]);
            });
        }

        report.Write();
    }

    private static List<KillPoint> FindPoints()
    {
        using var overlay = new RepairedOverlay();
        var run = TracedRun.Run(OverlayRepairProgram.CommandLineFor(overlay.Store));
        Assert.True(run.Result.ExitCode == 0, run.Result.Output + run.Result.Error);
        overlay.Verify("not killed");
        var points = run.Calls.Where(call => call.Changes && overlay.Places.Any(place => call.Arguments.Contains(place, StringComparison.Ordinal))).ToList();
        Assert.DoesNotContain(points, call => call.Thread != SystemCall.FirstThread);
        return points.ConvertAll(call => KillPoint.Of(call, run, [.. overlay.Places]));
    }
}
