using NixStore.Engine.Native;

namespace NixStore.Engine.Upkeep;

/// <summary>
/// Directories that Nix makes when it opens the store (Nix libstore/local-store.cc:LocalStore). The one of the database is not among them:
/// Nix would put an empty database into it. Of the roots, Nix reads what is in a directory and follows no link to another (Nix
/// libstore/gc.cc:findRoots): all of them are as good as gone then.
/// </summary>
internal sealed class StateDirectoryCheck : IUpkeepCheck
{
    /// <inheritdoc/>
    public StoreFindingArea Area => StoreFindingArea.State;

    /// <inheritdoc/>
    public string Subject => "the state directory";

    /// <inheritdoc/>
    public void Run(UpkeptStore store, Action<UpkeepFault> found)
    {
        if (!Posix.TryStatus(store.Location.StateDirectory, out _, out _))
        {
            // No store at all, or one that is not mounted.
            return;
        }

        Look(store, "gcroots", holdsRoots: true, found);
        Look(store, "profiles", holdsRoots: true, found);
        Look(store, "temproots", holdsRoots: false, found);
    }

    private void Look(UpkeptStore store, string name, bool holdsRoots, Action<UpkeepFault> found)
    {
        var path = $"{store.Location.StateDirectory}/{name}";
        if (!Posix.TryStatus(path, out var status, out var error))
        {
            found(error is Errno.NoEntry ? Missing(store, path, holdsRoots) : throw new StoreIOException("stat", path, error));
        }
        else if (status.Type == FileType.SymbolicLink)
        {
            if (holdsRoots)
            {
                found(new UpkeepFault(store.Finding(Area, "RootsDirectoryIsLink", StoreFindingSeverity.Error, path,
                    $"'{path}' is a symbolic link, which Nix does not follow: its collection would take none of the roots behind it for one",
                    "Make it a directory, and mount the other one there (mount --bind), or move the roots into it. Run no collection before that.")));
            }
        }
        else if (status.Type != FileType.Directory)
        {
            found(new UpkeepFault(
                store.Finding(Area, "StateNotADirectory", StoreFindingSeverity.Error, path, $"'{path}' is no directory: Nix cannot open the store", "Repair-NixStore sets it aside."),
                new SetAside(StoreRepairStepKind.MendState, store.Location.StateDirectory, ByteName.From(name), status),
                new MakeDirectory(StoreRepairStepKind.MendState, path)));
        }
    }

    private UpkeepFault Missing(UpkeptStore store, string path, bool holdsRoots) => new(
        holdsRoots && store.HasRegisteredPaths
            ? store.Finding(Area, "RootsDirectoryMissing", StoreFindingSeverity.Error, path,
                $"there is no '{path}': what only its roots kept, a collection would delete",
                "Bring it back from a backup, or make roots for what is needed (New-StoreRoot). Run no collection before that.")
            : store.Finding(Area, "StateDirectoryMissing", StoreFindingSeverity.Information, path, $"there is no '{path}'", "Nix makes it when it next opens the store."),
        new MakeDirectory(StoreRepairStepKind.MendState, path));
}
