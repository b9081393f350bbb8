using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Roots;

/// <summary>
/// Finds what keeps paths of a store alive, as Nix's collector does (GC-SPEC §4; Nix libstore/gc.cc:findRoots, local-gc.cc), but changes
/// nothing: no stale link and no left-over file of temporary roots is removed.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="isRegistered">Whether a full logical path is registered.</param>
public sealed class RootScanner(StoreLocation store, Func<string, bool> isRegistered)
{
    /// <summary>All roots: permanent, then runtime, then temporary.</summary>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="OperationCanceledException"/>
    public IReadOnlyList<StoreRoot> FindAll(CancellationToken cancellation)
    {
        _ = store;
        _ = isRegistered;
        _ = cancellation;
        throw new NotSupportedException();
    }
}
