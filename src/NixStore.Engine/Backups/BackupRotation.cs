using NixStore.Engine.Generations;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Backups;

/// <summary>
/// Which backups go when a new one has been made. The rules are those of generations, with the new backup as the current one. Backups of
/// other stores and machines, and those of damaged databases, which somebody wanted to keep, are none of its business.
/// </summary>
public static class BackupRotation
{
    /// <summary>Chooses.</summary>
    /// <param name="store">The store.</param>
    /// <param name="made">The new backup, which stays in any case.</param>
    /// <param name="others">What else is in the directory.</param>
    /// <param name="rules">What to keep.</param>
    /// <returns>What goes, newest first; nothing when there are no rules, or the new backup is of a damaged database.</returns>
    public static IReadOnlyList<StoreDatabaseBackup> Choose(
        StoreLocation store, StoreDatabaseBackup made, IEnumerable<StoreDatabaseBackup> others, RetentionRules rules)
    {
        if (rules.IsEmpty || !made.IsSound)
        {
            return [];
        }

        var backups = others.Where(other => other.Path != made.Path && other.IsSound && IsOf(store, other)).Append(made)
            .OrderBy(backup => backup.Created).ThenBy(backup => backup.Id, StringComparer.Ordinal).ToList();
        var generations = backups.Select((backup, number) => AsGeneration(backup, number, backup == made)).ToList();
        return [.. rules.Choose(made.Path, generations).Removable.Select(generation => backups[(int)generation.Number])];
    }

    /// <summary>Removes a backup.</summary>
    /// <exception cref="StoreIOException"/>
    public static void Remove(StoreDatabaseBackup backup) => Posix.UnlinkAt(FileDescriptor.WorkingDirectory, ByteName.From(backup.Path));

    private static bool IsOf(StoreLocation store, StoreDatabaseBackup backup)
        => backup.Store == store.Url && backup.StoreDirectory == store.Directory.Path && backup.Host == Environment.MachineName;

    private static StoreGeneration AsGeneration(StoreDatabaseBackup backup, int number, bool isNew) => new()
    {
        Store = backup.Store,
        Profile = backup.Path,
        ProfileName = backup.Id,
        Kind = StoreProfileKind.Other,
        Number = number,
        Link = backup.Path,
        CreationTime = backup.Created,
        IsCurrent = isNew,
        IsInUse = isNew,
    };
}
