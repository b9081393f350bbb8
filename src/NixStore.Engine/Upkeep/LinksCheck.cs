using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Trees;

namespace NixStore.Engine.Upkeep;

/// <summary>
/// The directory <c>.links</c> (NIX-ON-DAMAGE, cases i1 to i6). Nix believes an entry of the right size, so that one bad entry replaces all
/// good files of its contents when a store is optimised; and its verification ends at an entry that is no file.
/// </summary>
internal sealed class LinksCheck : IUpkeepCheck
{
    private const int PieceSize = 64;

    /// <inheritdoc/>
    public StoreFindingArea Area => StoreFindingArea.Link;

    /// <inheritdoc/>
    public string Subject => "the directory of links";

    /// <inheritdoc/>
    public void Run(UpkeptStore store, Action<UpkeepFault> found)
    {
        var path = store.Location.LinksDirectory;
        if (store.Owner is not { } owner)
        {
            return;
        }

        if (!Posix.TryStatus(path, out var status, out var error))
        {
            found(error == Errno.NoEntry
                ? new UpkeepFault(
                    store.Finding(Area, "LinksDirectoryMissing", StoreFindingSeverity.Information, path, $"there is no '{path}'", "Nix makes it when it next opens the store."),
                    new MakeDirectory(StoreRepairStepKind.MendLink, path))
                : throw new StoreIOException("stat", path, error));
            return;
        }

        if (status.Type != FileType.Directory)
        {
            found(new UpkeepFault(
                store.Finding(Area, "LinksNotADirectory", StoreFindingSeverity.Error, path, $"'{path}' is no directory: Nix cannot open the store",
                    "Repair-NixStore sets it aside."),
                new SetAside(StoreRepairStepKind.MendLink, store.Location.RealDirectory, ".links\0"u8.ToArray(), status),
                new MakeDirectory(StoreRepairStepKind.MendLink, path)));
            return;
        }

        using var links = QuietDirectory.Open(path);
        Examine(store, links, owner, found);
    }

    private void Examine(UpkeptStore store, FileDescriptor links, uint owner, Action<UpkeepFault> found)
    {
        var gate = new Lock();
        var workers = Enumerable.Range(0, Math.Max(store.Options.Workers, 1))
            .Select(_ => new LinkExaminer(store.Location, links, owner, store.Options.CheckContents)).ToList();
        try
        {
            WorkQueue.Run<LinkExaminer, byte[][]>(workers, offer => Feed(store.Location, offer), (worker, names, stop) =>
            {
                foreach (var name in names)
                {
                    stop.ThrowIfCancellationRequested();
                    if (worker.Examine(name, stop) is { } finding)
                    {
                        lock (gate)
                        {
                            found(new UpkeepFault(finding, finding.Kind == "LinkUnreadable" ? [] : [new RemoveLink(store.Location, name)]));
                        }
                    }
                }
            }, store.Cancellation);
        }
        finally
        {
            workers.ForEach(worker => worker.Dispose());
        }

        if (workers.Sum(worker => worker.UnusedCount) is var unused and > 0)
        {
            found(new UpkeepFault(store.Finding(Area, "LinksUnused", StoreFindingSeverity.Information, store.Location.LinksDirectory,
                $"no path shares {unused} of the links any more; they take {ByteSize.Format(workers.Sum(worker => worker.UnusedBytes))}",
                "The next collection removes them.")));
        }
    }

    private static void Feed(StoreLocation store, Action<byte[][]> offer)
    {
        // A descriptor of its own: its position moves.
        using var directory = QuietDirectory.Open(store.LinksDirectory);
        using var entries = new DirectoryEntries(directory);
        var piece = new List<byte[]>(PieceSize);
        while (entries.MoveNext())
        {
            piece.Add(entries.Name.ToArray());
            if (piece.Count == PieceSize)
            {
                offer([.. piece]);
                piece.Clear();
            }
        }

        offer([.. piece]);
    }
}
