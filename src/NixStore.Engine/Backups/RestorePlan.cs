using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Backups;

/// <summary>
/// Which rows a restored database is to have: those of the backup, those that were registered since and can be taken over, and of both only
/// those whose files are there or that something refers to whose files are there.
/// </summary>
internal sealed class RestorePlan
{
    private readonly PresentPaths _present;
    private readonly Dictionary<string, BackupRow> _backup;
    private readonly CurrentRows _current;
    private readonly Dictionary<string, string> _lost;
    private readonly HashSet<string> _kept = new(StringComparer.Ordinal);

    private RestorePlan(PresentPaths present, Dictionary<string, BackupRow> backup, CurrentRows current)
        => (_present, _backup, _current, _lost) = (present, backup, current, new Dictionary<string, string>(current.Unusable, StringComparer.Ordinal));

    /// <summary>Rows of the restored database.</summary>
    internal long Rows => _kept.Count;

    /// <summary>What kept the database that is replaced from being read as a whole.</summary>
    internal string? UnreadableReason => _current.Failure;

    /// <summary>Paths of the backup whose rows go.</summary>
    internal IReadOnlyList<string> Forgotten => [.. _backup.Keys.Where(path => !_kept.Contains(path))];

    /// <summary>Rows of the database that is replaced that are taken over, some in place of the backup's.</summary>
    internal IReadOnlyList<ForgottenRow> TakenOver => [.. _current.Rows.Values.Where(row => _kept.Contains(row.Path))];

    /// <summary>Compares backup, database and directory.</summary>
    /// <param name="store">The store.</param>
    /// <param name="backup">The backup.</param>
    /// <param name="acceptLosses">True to plan even though most of the paths have no files any more.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="StoreDirectoryEmptyException"/>
    /// <exception cref="NixStoreException">StoreDirectoryIncomplete</exception>
    /// <exception cref="StoreIOException"/>
    internal static RestorePlan Make(StoreLocation store, ExtractedBackup backup, bool acceptLosses, CancellationToken cancellation)
    {
        var present = PresentPaths.Read(store, cancellation);
        var rows = backup.ReadRows();
        EnsurePresent(store, rows, present, acceptLosses);

        // What was registered anew since the backup was made is described by its newer row: a path that was built again may have another hash.
        var current = CurrentRows.Read(
            store, (path, time) => !rows.TryGetValue(path, out var row) || time > row.RegistrationTime, cancellation);
        var plan = new RestorePlan(present, rows, current);
        plan.DropUnclosed();
        plan.Keep();
        return plan;
    }

    /// <summary>What it does, path by path.</summary>
    internal IReadOnlyList<StoreDatabaseChange> ListChanges()
    {
        var referrers = FindReferrersOfMissing();
        var changes = new List<StoreDatabaseChange>();
        foreach (var path in _kept)
        {
            if (!_present.Contains(path))
            {
                changes.Add(new(StoreDatabaseChangeKind.Missing, path, referrers.GetValueOrDefault(path)));
            }
            else if (_current.Rows.ContainsKey(path))
            {
                changes.Add(new(StoreDatabaseChangeKind.TakenOver, path,
                    _backup.ContainsKey(path) ? "it was registered anew after the backup was made" : null));
            }
            else if (!_current.Paths.Contains(path))
            {
                changes.Add(new(StoreDatabaseChangeKind.Returned, path));
            }
        }

        changes.AddRange(Forgotten.Select(path => new StoreDatabaseChange(StoreDatabaseChangeKind.Dropped, path, "its files are gone")));
        changes.AddRange(_current.Rows.Keys.Where(path => !_kept.Contains(path) && !_backup.ContainsKey(path))
            .Select(path => new StoreDatabaseChange(StoreDatabaseChangeKind.Lost, path, "its files are gone")));
        changes.AddRange(_lost.Select(lost => new StoreDatabaseChange(StoreDatabaseChangeKind.Lost, lost.Key, lost.Value
            + (_kept.Contains(lost.Key) ? "; the older row of the backup stands in" : _present.Contains(lost.Key) ? "; its files stay, without a row" : ""))));
        changes.AddRange(_present.Objects.Where(path => !_kept.Contains(path) && !_lost.ContainsKey(path))
            .Select(path => new StoreDatabaseChange(StoreDatabaseChangeKind.Unregistered, path)));
        return [.. changes.OrderBy(change => change.Kind).ThenBy(change => change.Path, StringComparer.Ordinal)];
    }

    /// <summary>
    /// Refuses where the directory is not that of the backup as it seems: every row would be dropped for want of a mount (NIX-ON-DAMAGE, case b4).
    /// </summary>
    private static void EnsurePresent(StoreLocation store, Dictionary<string, BackupRow> rows, PresentPaths present, bool acceptLosses)
    {
        var found = rows.Keys.LongCount(present.Contains);
        if (found == 0 && rows.Count > 0)
        {
            throw new StoreDirectoryEmptyException(store, rows.Count);
        }

        if (found * 2 < rows.Count && !acceptLosses)
        {
            throw new NixStoreException("StoreDirectoryIncomplete", StoreErrorKind.InvalidData,
                $"Of the {rows.Count} paths in the backup, '{store.RealDirectory}' has {found}: the others would be dropped.", store.RealDirectory,
                "Make sure that the right file system is mounted there, or take a newer backup. If the paths were deleted on purpose, use -Force.");
        }
    }

    /// <summary>Does without rows that refer to what has no row in either database.</summary>
    private void DropUnclosed()
    {
        for (var dropped = true; dropped;)
        {
            dropped = false;
            foreach (var row in _current.Rows.Values.ToList())
            {
                if (row.References.FirstOrDefault(reference => !_current.Rows.ContainsKey(reference) && !_backup.ContainsKey(reference)) is { } missing)
                {
                    _current.Rows.Remove(row.Path);
                    _lost[row.Path] = $"it refers to '{missing}', whose row cannot be taken over";
                    dropped = true;
                }
            }
        }
    }

    /// <summary>Keeps what has files, and whatever that refers to.</summary>
    private void Keep()
    {
        var pending = new Stack<string>(_backup.Keys.Concat(_current.Rows.Keys).Where(_present.Contains));
        while (pending.TryPop(out var path))
        {
            if (_kept.Add(path))
            {
                foreach (var reference in ReferencesOf(path))
                {
                    pending.Push(reference);
                }
            }
        }
    }

    private IReadOnlyList<string> ReferencesOf(string path)
        => _current.Rows.TryGetValue(path, out var row) ? row.References : _backup[path].References;

    private Dictionary<string, string> FindReferrersOfMissing()
    {
        var first = new Dictionary<string, (string Referrer, int Count)>(StringComparer.Ordinal);
        foreach (var path in _kept.Order(StringComparer.Ordinal))
        {
            foreach (var reference in ReferencesOf(path).Where(reference => reference != path && !_present.Contains(reference)))
            {
                first[reference] = first.TryGetValue(reference, out var known) ? (known.Referrer, known.Count + 1) : (path, 1);
            }
        }

        return first.ToDictionary(
            found => found.Key,
            found => $"'{found.Value.Referrer}' needs it" + (found.Value.Count > 1 ? $", and {found.Value.Count - 1} more" : ""),
            StringComparer.Ordinal);
    }
}
