using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Sources;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Writing;

/// <summary>
/// Copies rows of the lower store into the database of an overlay store, each with those of all it refers to, as soon as somebody asks
/// whether a path is valid: so rows of the upper layer can refer to it (Nix libstore/local-overlay-store.cc:isValidPathUncached). Nothing is
/// written to either layer. Safe for several threads.
/// </summary>
/// <param name="overlay">The layers.</param>
/// <param name="own">The overlay store's database.</param>
internal sealed class LowerCopies(OverlayLayers overlay, StoreDatabaseWriter own) : IDisposable
{
    private readonly Lock _gate = new();
    private LocalStoreSource? _source;

    /// <summary>True when the lower store has a path; it is registered in the overlay store then.</summary>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="NixStoreException">LowerClosureIncomplete, SourcePathMalformed</exception>
    internal bool TryTake(StorePath path)
    {
        lock (_gate)
        {
            _source ??= LocalStoreSource.Open(overlay.Lower);
            if (_source.Find(path, CancellationToken.None) is not { } found)
            {
                return false;
            }

            var closure = new Dictionary<StorePath, PathRegistration>();
            Add(found.Info, closure);
            own.Register(closure.Values);
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _source?.Dispose();

    private void Add(ValidPathInfo root, Dictionary<StorePath, PathRegistration> closure)
    {
        var pending = new Stack<ValidPathInfo>([root]);
        while (pending.TryPop(out var info))
        {
            if (!closure.TryAdd(info.Path, new PathRegistration(info, OutputsOf(info.Path))))
            {
                continue;
            }

            foreach (var reference in info.References.Where(reference => !closure.ContainsKey(reference) && !own.IsValid(reference)))
            {
                pending.Push(_source!.Find(reference, CancellationToken.None)?.Info ?? throw Incomplete(info.Path, reference));
            }
        }
    }

    private IReadOnlyDictionary<string, string>? OutputsOf(StorePath path) => path.IsDerivation ? _source!.FindOutputs(path) : null;

    private NixStoreException Incomplete(StorePath referrer, StorePath reference) => new(
        "LowerClosureIncomplete", StoreErrorKind.InvalidData,
        $"The lower store {overlay.Lower.Url} has '{referrer.BaseName}', but not '{reference.BaseName}', which it needs.",
        overlay.Lower.Directory.Print(referrer), $"Repair the lower store first: Repair-NixStore -Store '{overlay.Lower.Url}'.");
}
