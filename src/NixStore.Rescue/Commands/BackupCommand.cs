using System.CommandLine;
using NixStore.Engine.Backups;
using NixStore.Engine.Generations;
using NixStore.Engine.Stores;
using NixStore.Rescue.Output;

namespace NixStore.Rescue.Commands;

/// <summary><c>nixstore backup</c>: backs up the database, and removes old backups by rules.</summary>
internal sealed class BackupCommand : StoreCommand
{
    private readonly Option<string?> _destination = new("--destination")
    {
        Description = "The directory for the backup, and that of earlier ones. Default: nixstore/backups in the store's state directory.",
    };

    private readonly Option<int?> _keepLast = CommonArguments.Count("--keep-last", "Keep so many backups, the new one included.");
    private readonly Option<int?> _keepDaily = CommonArguments.Count("--keep-daily", "Keep the newest of each of the last so many days that have one.");
    private readonly Option<int?> _keepWeekly = CommonArguments.Count("--keep-weekly", "Keep the newest of each of the last so many weeks that have one.");
    private readonly Option<int?> _keepMonthly = CommonArguments.Count("--keep-monthly", "Keep the newest of each of the last so many months that have one.");
    private readonly Option<bool> _force = new("--force") { Description = "Back up a damaged database as well, as it is. Such a backup is never restored." };

    /// <summary>Makes the command.</summary>
    public BackupCommand() : base("backup", "Backs up the database beside a running Nix, checks the copy, and removes old backups by rules.",
        ("nixstore backup --keep-daily 7 --keep-weekly 4", "Keeps one of each of the last seven days and four weeks."),
        ("nixstore backup --store /mnt --destination /media/usb", "The database of the system mounted on /mnt, onto a stick."))
    {
        foreach (var option in (Option[])[_destination, _keepLast, _keepDaily, _keepWeekly, _keepMonthly, _force])
        {
            Options.Add(option);
        }
    }

    /// <inheritdoc/>
    protected override bool HasTable => false;

    /// <inheritdoc/>
    protected override int Run(ParseResult parsed, StoreLocation store, IReport report, CancellationToken cancellation)
    {
        var directory = parsed.GetValue(_destination) is { } named ? Path.GetFullPath(named) : DatabaseBackups.DirectoryOf(store);
        var rules = new RetentionRules
        {
            KeepLast = parsed.GetValue(_keepLast),
            KeepDaily = parsed.GetValue(_keepDaily),
            KeepWeekly = parsed.GetValue(_keepWeekly),
            KeepMonthly = parsed.GetValue(_keepMonthly),
        };
        var others = DatabaseBackups.List(directory, damaged => report.Warn(damaged.Message)).ToList();
        var made = DatabaseBackups.Make(store, directory, parsed.GetValue(_force), cancellation);
        report.Write(made);
        var hasFailed = false;
        foreach (var backup in BackupRotation.Choose(store, made, others, rules))
        {
            try
            {
                BackupRotation.Remove(backup);
            }
            catch (NixStoreException error)
            {
                hasFailed = true;
                report.WriteError(error);
            }
        }

        return Code(hasFailed);
    }
}
