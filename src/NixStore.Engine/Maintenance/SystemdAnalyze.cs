namespace NixStore.Engine.Maintenance;

/// <summary>Asks systemd itself, where it is installed; it need not run.</summary>
internal static class SystemdAnalyze
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>What is wrong with a calendar event; null when nothing is, or nobody can be asked.</summary>
    internal static string? FindFault(string schedule)
    {
        var answer = ProgramRun.Try("systemd-analyze", ["calendar", "--", schedule], s_patience);
        return answer is { ExitCode: not 0 } ? answer.Errors.Trim() : null;
    }
}
