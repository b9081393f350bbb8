using NixStore.Engine.Native;
using NixStore.Engine.Roots;

namespace NixStore.Engine.Upkeep;

/// <summary>
/// Links below <c>gcroots</c> and <c>profiles</c> that keep nothing, or at which a collection by Nix ends (GC-SPEC §4.1; Nix
/// libstore/gc.cc:findRoots; NIX-ON-DAMAGE, case k8).
/// </summary>
internal sealed class RootLinkCheck : IUpkeepCheck
{
    /// <inheritdoc/>
    public StoreFindingArea Area => StoreFindingArea.Root;

    /// <inheritdoc/>
    public string Subject => "roots";

    /// <inheritdoc/>
    public void Run(UpkeptStore store, Action<UpkeepFault> found)
    {
        if (!Posix.TryStatus(store.Location.StateDirectory, out _, out _))
        {
            return;
        }

        // What is registered is found out for all at once, at the end.
        using var permanent = new PermanentRoots(store.Location, _ => true, new UserNames());
        var walk = new RootLinkWalk(store, permanent, found);
        walk.Run(permanent.RootsDirectory);
        walk.Run(permanent.ProfilesDirectory);
        FindUnregistered(store, walk.Named, found);
    }

    private void FindUnregistered(UpkeptStore store, List<StoreRoot> named, Action<UpkeepFault> found)
    {
        var paths = named.Select(root => root.Path!).ToHashSet(StringComparer.Ordinal);
        if (paths.Count == 0 || RegisteredPaths.TryFind(store.Location, paths, store.Cancellation) is not { } registered)
        {
            return;
        }

        foreach (var root in named.Where(root => !registered.Found.Contains(root.Path!)))
        {
            var isThere = Posix.TryStatus(store.Location.RealPathOf(store.Location.Directory.Parse(root.Path!)), out _, out _);
            found(new UpkeepFault(isThere
                ? store.Finding(Area, "RootNotRegistered", StoreFindingSeverity.Error, root.Link,
                    $"'{root.Link}' names {root.Path}, which is on disk but not registered: Nix does not take it for a root, and its collection would delete the path",
                    "Repair-StoreDatabase registers what is there; run no collection before that.")
                : store.Finding(Area, "RootDangling", StoreFindingSeverity.Information, root.Link,
                    $"'{root.Link}' names {root.Path}, which is not in the store", "Remove-StoreRoot removes the root when it is of no use any more.")));
        }
    }
}
