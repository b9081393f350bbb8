using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Narinfo;
using NixStore.Engine.Archive;
using NixStore.Engine.Sources;
using NixStore.Engine.Transfer;

namespace NixStore.Caches.Transfer;

/// <summary>
/// Adds paths of a store to a binary cache, alone or with their closures, several at once. The narinfo of a path appears after those of its
/// references; contents that are not the registered ones are never published.
/// </summary>
/// <param name="source">The store.</param>
/// <param name="cache">A cache that can be written.</param>
/// <param name="options">Compression and keys.</param>
/// <param name="threads">Paths at once.</param>
public sealed class BinaryCacheExporter(LocalStoreSource source, BinaryCache cache, BinaryCacheAddOptions options, int threads)
{
    /// <summary>How far it is.</summary>
    public TransferProgress Progress { get; } = new();

    /// <summary>Exports paths. An error with one of them is told, and the others go on.</summary>
    /// <param name="paths">Which.</param>
    /// <param name="withClosure">True to bring what they need along; otherwise that must be in the cache already.</param>
    /// <param name="exported">Told of each path that the cache now has. Any thread.</param>
    /// <param name="failed">Told of each path that could not be added; with a closure, also of its parts. Any thread.</param>
    /// <param name="cancellation">Ends the work; what has been added by then is complete.</param>
    /// <exception cref="NixStoreException">BinaryCacheReadOnly</exception>
    /// <exception cref="OperationCanceledException"/>
    public void Export(
        IReadOnlyCollection<StorePath> paths, bool withClosure, Action<ExportedPath> exported, Action<StorePath, NixStoreException> failed,
        CancellationToken cancellation)
    {
        var wanted = Find(paths, withClosure, failed, cancellation);
        wanted.ForEach(Progress.Expect);
        InReferenceOrder.Run(
            wanted, cache.StoreDirectory, cache.Url, threads, (path, awaitReferences, stop) => exported(Add(path, awaitReferences, stop)),
            failed, cancellation);
    }

    private ExportedPath Add(SourcePath path, Action? awaitReferences, CancellationToken stop)
    {
        var wasThere = true;
        NarInfo narInfo;
        try
        {
            narInfo = cache.Add(path.Info, Write, options with { CheckReferences = awaitReferences is null, BeforeNarInfo = awaitReferences }, stop);
        }
        catch (NixStoreException error) when (error.ErrorId == "NarHashMismatch")
        {
            // For the cache, what came was wrong; here it is known whose fault that is.
            throw new NixStoreException("ContentsModified", StoreErrorKind.InvalidData, error.Message, error.Target, "Repair-StorePath mends it.", error);
        }

        if (wasThere)
        {
            Progress.AddBytes(path.Info.NarSize);
        }

        Progress.AddPath();
        return new ExportedPath(narInfo, wasThere);

        void Write(Stream nar)
        {
            wasThere = false;
            using var counted = new ProgressSink(nar, Progress);
            source.Dump(path, counted, stop);
            counted.Flush();
        }
    }

    private List<SourcePath> Find(
        IReadOnlyCollection<StorePath> paths, bool withClosure, Action<StorePath, NixStoreException> failed, CancellationToken cancellation)
    {
        var requested = paths.ToHashSet();
        var closure = ClosureFinder.For(source, source.Store.Directory, requested, withClosure, _ => false);
        var wanted = new List<SourcePath>();
        foreach (var path in requested)
        {
            try
            {
                wanted.AddRange(closure.Find(path, cancellation));
            }
            catch (NixStoreException error)
            {
                failed(path, error);
            }
        }

        return wanted;
    }

    private sealed class ProgressSink(Stream destination, TransferProgress progress) : NarSink
    {
        protected override void Consume(ReadOnlySpan<byte> bytes)
        {
            destination.Write(bytes);
            progress.AddBytes(bytes.Length);
        }
    }
}
