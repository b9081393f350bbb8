using NixStore.Engine.Collection;
using NixStore.Engine.Native;
using NixStore.Engine.Roots;

namespace NixStore.Engine.Upkeep;

/// <summary>What interrupted work of this product has left in its own directory, <c>&lt;state&gt;/nixstore</c>.</summary>
internal sealed class LeftoverCheck : IUpkeepCheck
{
    /// <inheritdoc/>
    public StoreFindingArea Area => StoreFindingArea.State;

    /// <inheritdoc/>
    public string Subject => "left-overs of interrupted work";

    /// <inheritdoc/>
    public void Run(UpkeptStore store, Action<UpkeepFault> found)
    {
        FindCollections(store, found);
        FindStaging(store, found);
        FindSetAside(store, found);
    }

    /// <summary>Only the newest collection counts: each begins with what those before it have left.</summary>
    private void FindCollections(UpkeptStore store, Action<UpkeepFault> found)
    {
        var newest = new[] { true, false }.SelectMany(trash => Names(CollectionJournal.DirectoryOf(store.Location, trash)))
            .Where(path => path.EndsWith(".jsonl", StringComparison.Ordinal)).MaxBy(Path.GetFileName, StringComparer.Ordinal);
        if (newest is null)
        {
            return;
        }

        try
        {
            var entries = CollectionJournal.Read(newest);
            if (!entries.OfType<CollectionEnded>().Any() && entries.OfType<CollectionBegun>().FirstOrDefault() is { } begun && !IsRunning(begun.Pid))
            {
                found(new UpkeepFault(store.Finding(Area, "CollectionInterrupted", StoreFindingSeverity.Information, newest,
                    $"the collection that {begun.User} began at {begun.Time:u} has not ended; nothing that is needed is lost by that",
                    "The next collection goes on; Get-StoreTrash shows what is in the trash.")));
            }
        }
        catch (NixStoreException error) when (error.ErrorId == "JournalDamaged")
        {
            found(new UpkeepFault(store.Finding(Area, "JournalDamaged", StoreFindingSeverity.Warning, newest, error.Message, error.Remedy)));
        }
    }

    private void FindStaging(UpkeptStore store, Action<UpkeepFault> found)
    {
        foreach (var path in Names($"{store.Location.StateDirectory}/nixstore/backups").Where(path => Path.GetFileName(path).StartsWith("tmp-", StringComparison.Ordinal)))
        {
            using var staging = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(path),
                OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.NoAccessTime, 0, out _);
            if (staging is not null && !TemporaryRootFiles.IsHeld(staging))
            {
                found(new UpkeepFault(store.Finding(Area, "StagingLeft", StoreFindingSeverity.Information, path,
                    $"'{path}' is left over from a backup that was interrupted", "The next backup removes it.")));
            }
        }
    }

    private void FindSetAside(UpkeptStore store, Action<UpkeepFault> found)
    {
        foreach (var path in Names($"{store.Location.StateDirectory}/nixstore/set-aside"))
        {
            found(new UpkeepFault(store.Finding(Area, "SetAside", StoreFindingSeverity.Information, path,
                $"a repair has moved to '{path}' what was in Nix's way", "Look at it, and delete it when it is of no use.")));
        }
    }

    private static bool IsRunning(int process) => Directory.Exists($"/proc/{process}");

    /// <summary>The full paths of what is in a directory of this product; none where there is none.</summary>
    private static List<string> Names(string path)
    {
        var names = new List<string>();
        using var directory = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(path),
            OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime, 0, out var error);
        if (directory is null)
        {
            return error == Errno.NoEntry ? names : throw new StoreIOException("open", path, error);
        }

        using var entries = new DirectoryEntries(directory);
        while (entries.MoveNext())
        {
            names.Add(directory.Combine(entries.Name));
        }

        return names;
    }
}
