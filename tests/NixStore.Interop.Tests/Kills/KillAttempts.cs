namespace NixStore.Interop.Tests.Kills;

/// <summary>
/// Kills runs until one was killed where it was to be. The runtime makes calls of the same names in between, not always as many: a run that was killed
/// elsewhere, or went through, says where the call is to be looked for.
/// </summary>
internal static class KillAttempts
{
    private const int Attempts = 10;

    /// <summary>Kills at a call; fails when no attempt was killed.</summary>
    /// <param name="point">The call.</param>
    /// <param name="exactly">True when only a kill in this very call will do; else one anywhere does.</param>
    /// <param name="report">Counts the runs.</param>
    /// <param name="kill">Runs on a fresh store, killed at the call that it gets; proves what must hold; gives the run and the directories of its stores.</param>
    internal static void At(KillPoint point, bool exactly, KillReport report, Func<SystemCall, (TracedRun Run, string[] Roots)> kill)
    {
        var call = point.Call;
        var missed = new List<string>();
        while (missed.Count < Attempts)
        {
            var (run, roots) = kill(call);
            var same = run.Calls.Where(other => other.Thread == SystemCall.FirstThread && other.Name == call.Name && other.Describe(roots) == point.Description)
                .Skip(point.OrdinalOfItsKind - 1).FirstOrDefault();
            var isExact = run.WasKilled && same?.Result.StartsWith('?') == true;
            report.Add(run.WasKilled, isExact);
            if (exactly ? isExact : run.WasKilled)
            {
                return;
            }

            missed.Add($"{call.Ordinal}: the last call was {run.Calls.LastOrDefault()?.Describe(roots)}; {run.Result.Error}");
            call = call with { Ordinal = same?.Ordinal ?? (run.WasKilled ? call.Ordinal + 1 : Math.Max(call.Ordinal - 1, 1)) };
        }

        Assert.Fail($"Never killed at {point}:\n{string.Join('\n', missed)}");
    }
}
