using NixStore.Caches.BinaryCaches;
using NixStore.Catalog.Pruning.Objects;

namespace NixStore.Catalog.Pruning.Trash;

/// <summary>A cache that is open for changes, and where its trash is: in itself, unless somebody says otherwise.</summary>
internal sealed class TrashPlace : IDisposable
{
    private TrashPlace(IObjectControl cache, IObjectControl trash, string prefix)
    {
        Cache = cache;
        Trash = trash;
        Prefix = prefix;
    }

    /// <summary>The cache.</summary>
    internal IObjectControl Cache { get; }

    /// <summary>Where the trash is.</summary>
    internal IObjectControl Trash { get; }

    /// <summary>What its names begin with there.</summary>
    internal string Prefix { get; }

    /// <summary>True when the trash has a place of its own.</summary>
    internal bool IsElsewhere => !ReferenceEquals(Cache, Trash);

    /// <summary>Opens both.</summary>
    /// <exception cref="NixStoreException">As of <see cref="ObjectControls.Open"/>; TrashElsewhere.</exception>
    internal static TrashPlace Open(string cache, string? trashUrl, ObjectAccess? access, CancellationToken cancellation)
    {
        var control = ObjectControls.Open(cache, access, cancellation);
        if (trashUrl is null)
        {
            return new TrashPlace(control, control, ObjectKeys.TrashPrefix);
        }

        try
        {
            if (BinaryCacheUrl.Parse(trashUrl).Text == BinaryCacheUrl.Parse(cache).Text)
            {
                throw new NixStoreException("TrashElsewhere", StoreErrorKind.InvalidArgument, $"'{trashUrl}' is the cache itself.", trashUrl, "Leave it out: the trash is then below nixstore-trash/ in the cache.");
            }

            return new TrashPlace(control, ObjectControls.Open(trashUrl, access, cancellation), "");
        }
        catch
        {
            control.Dispose();
            throw;
        }
    }

    /// <summary>A plan's folder.</summary>
    internal TrashFolder FolderOf(string planId) => new(Trash, Prefix, planId);

    /// <inheritdoc/>
    public void Dispose()
    {
        Cache.Dispose();
        if (IsElsewhere)
        {
            Trash.Dispose();
        }
    }
}
