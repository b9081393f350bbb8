using System.Buffers;

namespace NixStore.Engine.Maintenance;

/// <summary>
/// When tasks run. The text is passed on as it is: systemd and cron know best what they take (systemd.time(7), crontab(5)). It is only seen to
/// that it stays what it is in the file, and where systemd is there, that is asked.
/// </summary>
public static class MaintenanceSchedule
{
    private static readonly SearchValues<char> s_systemd
        = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 *:,./~_+@-");

    private static readonly SearchValues<char> s_cronField = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789*,/-~");

    /// <summary>Raises an error for a schedule that cannot be one.</summary>
    /// <exception cref="NixStoreException">ScheduleInvalid</exception>
    public static void Require(string schedule, StoreMaintenanceFormat format)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        PlainText.Require(schedule, "The schedule", "ScheduleInvalid");
        if (format == StoreMaintenanceFormat.Cron)
        {
            _ = ToCron(schedule);
        }
        else if (schedule.Trim().Length == 0 || schedule.AsSpan().ContainsAnyExcept(s_systemd))
        {
            throw Invalid(schedule, "Give a calendar event of systemd, such as daily, 'Mon *-*-* 03:15' or '*-*-1..7 04:00' (man systemd.time).");
        }
        else if (SystemdAnalyze.FindFault(schedule) is { } fault)
        {
            throw Invalid(schedule, $"systemd says: {fault}");
        }
    }

    /// <summary>The five fields, or the word, that a table of cron begins with.</summary>
    /// <exception cref="NixStoreException">ScheduleInvalid</exception>
    internal static string ToCron(string schedule) => schedule.Trim() switch
    {
        // As systemd has them: weeks begin on Monday.
        "hourly" => "0 * * * *",
        "daily" => "0 0 * * *",
        "weekly" => "0 0 * * 1",
        "monthly" => "0 0 1 * *",
        ['@', .. var word] when word.Length > 0 && word.All(char.IsAsciiLetterLower) => $"@{word}",
        var other when other.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is { Length: 5 } fields
            && fields.All(field => !field.AsSpan().ContainsAnyExcept(s_cronField)) => string.Join(' ', fields),
        _ => throw Invalid(schedule, "Give hourly, daily, weekly, monthly, or the five fields of a table of cron, such as '15 3 * * 1' (man 5 crontab)."),
    };

    private static NixStoreException Invalid(string schedule, string remedy)
        => new("ScheduleInvalid", StoreErrorKind.InvalidArgument, $"'{schedule}' is not a schedule.", schedule, remedy);
}
