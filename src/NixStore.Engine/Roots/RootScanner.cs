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
    private readonly Dictionary<string, bool> _known = new(StringComparer.Ordinal);
    private readonly List<NixStoreException> _incomplete = [];

    /// <summary>What the last search could not read. Whoever deletes what has no root must not go on when there is anything.</summary>
    public IReadOnlyList<NixStoreException> Incomplete => _incomplete;

    /// <summary>True when the last search could read everything.</summary>
    public bool IsComplete => _incomplete.Count == 0;

    /// <summary>
    /// All roots: permanent, then runtime, then temporary. Looked for in another order: whoever gives up a temporary root has made a permanent
    /// one before or runs what it was for, and whoever removes a link may still run what it led to. So nothing slips through between two looks.
    /// </summary>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="OperationCanceledException"/>
    public IReadOnlyList<StoreRoot> FindAll(CancellationToken cancellation)
    {
        _incomplete.Clear();
        _known.Clear();
        var users = new UserNames();
        var temporary = new List<StoreRoot>();
        TemporaryRootFiles.Find(store, IsRegistered, users, temporary, _incomplete.Add, cancellation);
        var roots = new List<StoreRoot>();
        FindPermanent(roots, users, cancellation);
        FindRuntime(roots, users, cancellation);
        roots.AddRange(temporary);
        return roots;
    }

    /// <summary>Permanent roots alone.</summary>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="OperationCanceledException"/>
    public IReadOnlyList<StoreRoot> FindPermanent(CancellationToken cancellation)
    {
        _incomplete.Clear();
        _known.Clear();
        var roots = new List<StoreRoot>();
        FindPermanent(roots, new UserNames(), cancellation);
        return roots;
    }

    private void FindPermanent(List<StoreRoot> roots, UserNames users, CancellationToken cancellation)
    {
        using var permanent = new PermanentRoots(store, IsRegistered, users);
        permanent.Find(roots, _incomplete.Add, cancellation);
    }

    private void FindRuntime(List<StoreRoot> roots, UserNames users, CancellationToken cancellation)
    {
        if (store.UsesRootsDaemon)
        {
            try
            {
                RootsDaemon.Find(store, IsRegistered, roots);
                return;
            }
            catch (NixStoreException error)
            {
                _incomplete.Add(error);
            }
        }

        new ProcessRoots(store, IsRegistered, users).Find(roots, _incomplete.Add, cancellation);
        KernelRoots.Find(store, IsRegistered, roots);
    }

    /// <summary>Many processes use the same few paths.</summary>
    private bool IsRegistered(string path)
    {
        if (!_known.TryGetValue(path, out var answer))
        {
            answer = isRegistered(path);
            _known.Add(path, answer);
        }

        return answer;
    }
}
