using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace NixStore.PowerShell.Completers;

/// <summary>Completes schedules: the words that systemd and cron both know, and one of each to begin with.</summary>
public sealed class ScheduleCompleter : IArgumentCompleter
{
    private static readonly (string Text, string Tip)[] s_schedules =
    [
        ("daily", "every day at midnight"), ("weekly", "every Monday at midnight"), ("monthly", "the first of every month at midnight"),
        ("hourly", "every hour"), ("Mon *-*-* 03:15", "systemd: Mondays at 03:15 (man systemd.time)"), ("15 3 * * 1", "cron: Mondays at 03:15 (man 5 crontab)"),
    ];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var word = (wordToComplete ?? "").Trim('\'', '"');
        return s_schedules.Where(schedule => schedule.Text.StartsWith(word, StringComparison.OrdinalIgnoreCase)).Select(schedule => new CompletionResult(
            schedule.Text.Contains(' ') ? $"'{schedule.Text}'" : schedule.Text, schedule.Text, CompletionResultType.ParameterValue, schedule.Tip));
    }
}
