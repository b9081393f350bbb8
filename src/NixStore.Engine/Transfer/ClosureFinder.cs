using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using NixStore.Engine.Sources;

namespace NixStore.Engine.Transfer;

/// <summary>
/// Finds what has to be transferred so that paths come with their closures: everything that the source names, but not what the destination
/// has already, nor what lies behind that. Asks the source for many paths at once, since each question can be a round trip.
/// </summary>
/// <param name="source">Who has the paths.</param>
/// <param name="directory">The logical store directory, for messages.</param>
/// <param name="isThere">True for a path that the destination has, and with it its closure. Called from several threads.</param>
public sealed class ClosureFinder(IPathSource source, StoreDirectory directory, Func<StorePath, bool> isThere)
{
    /// <summary>Questions at once; nearly all of their time is waiting.</summary>
    private const int Questions = 16;

    // Null: the destination has it.
    private readonly ConcurrentDictionary<StorePath, SourcePath?> _known = [];
    private readonly HashSet<StorePath> _given = [];

    /// <summary>
    /// A finder for given paths: with their closures, or as they are, though in the same order, and not one more.
    /// </summary>
    /// <param name="source">Who has the paths.</param>
    /// <param name="directory">The logical store directory, for messages.</param>
    /// <param name="paths">The paths.</param>
    /// <param name="withClosure">True with what they need.</param>
    /// <param name="isThere">See the constructor.</param>
    public static ClosureFinder For(
        IPathSource source, StoreDirectory directory, IReadOnlySet<StorePath> paths, bool withClosure, Func<StorePath, bool> isThere)
        => new(source, directory, path => (!withClosure && !paths.Contains(path)) || isThere(path));

    /// <summary>The paths that are missing for <paramref name="root"/> and were not given before, references first.</summary>
    /// <param name="root">The path.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <exception cref="NixStoreException">PathNotInSource, ReferenceCycle; what the source throws.</exception>
    public IReadOnlyList<SourcePath> Find(StorePath root, CancellationToken cancellation)
    {
        var wave = _known.ContainsKey(root) ? [] : new List<StorePath> { root };
        while (wave.Count > 0)
        {
            Ask(wave, cancellation);
            wave = wave.SelectMany(path => _known[path]?.Info.References ?? []).Where(path => !_known.ContainsKey(path)).Distinct().ToList();
        }

        return Order(root);
    }

    private void Ask(List<StorePath> paths, CancellationToken cancellation)
    {
        try
        {
            Parallel.ForEach(paths, new ParallelOptions { MaxDegreeOfParallelism = Questions, CancellationToken = cancellation }, path =>
                _known[path] = isThere(path) ? null
                    : source.Find(path, cancellation) ?? throw TransferErrors.NotInSource(path, directory, source.Name));
        }
        catch (AggregateException errors)
        {
            var first = errors.InnerExceptions.OfType<NixStoreException>().FirstOrDefault() ?? errors.InnerExceptions[0];
            ExceptionDispatchInfo.Throw(first);
        }
    }

    private List<SourcePath> Order(StorePath root)
    {
        var ordered = new List<SourcePath>();
        var open = new HashSet<StorePath>();

        // An explicit stack: chains of references can be longer than a thread's stack is deep.
        var stack = new Stack<(SourcePath Path, int Next)>();
        Enter(root);
        while (stack.TryPop(out var frame))
        {
            if (frame.Next < frame.Path.Info.References.Count)
            {
                stack.Push((frame.Path, frame.Next + 1));
                var reference = frame.Path.Info.References[frame.Next];
                if (!reference.Equals(frame.Path.Info.Path))
                {
                    Enter(reference);
                }

                continue;
            }

            open.Remove(frame.Path.Info.Path);
            _given.Add(frame.Path.Info.Path);
            ordered.Add(frame.Path);
        }

        return ordered;

        void Enter(StorePath path)
        {
            if (_given.Contains(path) || !_known.TryGetValue(path, out var found) || found is null)
            {
                return;
            }

            if (!open.Add(path))
            {
                throw new NixStoreException("ReferenceCycle", StoreErrorKind.InvalidData,
                    $"In {source.Name}, '{directory.Print(path)}' needs itself by way of other paths.", directory.Print(path),
                    "Such paths cannot be registered; the source is damaged or hostile.");
            }

            stack.Push((found, 0));
        }
    }
}
