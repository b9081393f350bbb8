using NixStore.Engine.Sources;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Repair;

/// <summary>
/// Looks for a description of a path that can be believed without the row and without the files: by a trusted signature, or because the
/// path's own name is made of its content address.
/// </summary>
internal sealed class TrustedDescription(StoreLocation store, RepairOptions options)
{
    private readonly StorePathFactory _factory = new(store.Directory);

    /// <summary>True when the description is signed by a trusted key, or signatures are not asked for.</summary>
    internal bool IsTrusted(ValidPathInfo info)
        => options.SkipSignatureCheck || options.TrustedKeys.Verifies(info, store.Directory, out _) || IsProvedByName(info);

    /// <summary>True when the NAR hash follows from the path's name alone.</summary>
    internal bool IsProvedByName(ValidPathInfo info)
        => info.ContentAddress is { Method: ContentAddressMethod.Nar, Hash.Algorithm: NixHashAlgorithm.Sha256 } address
            && !info.References.Contains(info.Path) && address.Hash.Equals(info.NarHash) && _factory.Proves(info.Path, address, info.References);

    /// <summary>The first believable description among the sources; what is not believable is noted.</summary>
    internal (IContentSource Source, SourcePath Path)? Find(StorePath path, RepairTrail trail, CancellationToken cancellation)
    {
        foreach (var source in options.Sources)
        {
            if (TryFind(source, path, trail, cancellation) is not { } found)
            {
                continue;
            }

            if (IsTrusted(found.Info))
            {
                return (source, found);
            }

            trail.Add(source.Name, "what it says of the path is not signed by a trusted key");
        }

        return null;
    }

    /// <summary>Asks one source; a source that fails is noted and has nothing.</summary>
    internal static SourcePath? TryFind(IContentSource source, StorePath path, RepairTrail trail, CancellationToken cancellation)
    {
        try
        {
            var found = source.Find(path, cancellation);
            if (found is null)
            {
                trail.Add(source.Name, "does not have it");
            }

            return found;
        }
        catch (NixStoreException error)
        {
            trail.Add(source.Name, error);
            return null;
        }
    }
}
