using System.Buffers;

namespace NixStore.Engine.Maintenance;

/// <summary>
/// The names of tasks and of their files. They are names to systemd, and to cron, which passes over files with a dot (cron(8), run-parts(8)).
/// </summary>
public static class MaintenanceName
{
    internal const string Prefix = "nixstore-";
    internal const string ServiceEnding = ".service";
    private const int MaximumLength = 64;

    private static readonly SearchValues<char> s_characters
        = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    /// <summary>The name of a task that nobody has named.</summary>
    public static string Of(StoreMaintenanceTask task) => task.ToString().ToLowerInvariant();

    /// <summary>True for what a task can be called.</summary>
    public static bool IsValid(string name)
        => name.Length is > 0 and <= MaximumLength && char.IsAsciiLetterOrDigit(name[0]) && !name.AsSpan().ContainsAnyExcept(s_characters);

    /// <summary>Raises an error for what a task cannot be called.</summary>
    /// <exception cref="NixStoreException">MaintenanceInvalid</exception>
    internal static void Require(string name)
    {
        if (!IsValid(name))
        {
            throw new NixStoreException("MaintenanceInvalid", StoreErrorKind.InvalidArgument, $"A task cannot be called '{PlainText.Show(name)}'.", name,
                $"Take letters, digits, hyphens and underscores, {MaximumLength} at most, and begin with a letter or digit.");
        }
    }

    internal static string ServiceOf(string name) => $"{Prefix}{name}{ServiceEnding}";

    internal static string TimerOf(string name) => $"{Prefix}{name}.timer";

    internal static string CronTableOf(string name) => $"{Prefix}{name}";

    /// <summary>The task whose record a file is by its name; null for others.</summary>
    internal static string? FromRecord(string file, out StoreMaintenanceFormat format)
    {
        format = file.EndsWith(ServiceEnding, StringComparison.Ordinal) ? StoreMaintenanceFormat.Systemd : StoreMaintenanceFormat.Cron;
        if (!file.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        var name = file[Prefix.Length..(format == StoreMaintenanceFormat.Systemd ? ^ServiceEnding.Length : ^0)];
        return IsValid(name) ? name : null;
    }
}
