using NixStore.Engine.Database;
using NixStore.Engine.Locks;
using NixStore.Engine.Native;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Overlay.Publishing;

/// <summary>
/// Makes paths valid in the lower store whose contents are ready: contents durable, then names, then rows, references first. Killed in
/// between it leaves files without rows, which the next publication proves and registers.
/// </summary>
/// <param name="layers">The layers.</param>
/// <param name="gate">Which references failed.</param>
internal sealed class PublicationBatch(OpenLayers layers, ReferenceGate gate)
{
    /// <summary>Makes them valid.</summary>
    /// <param name="trees">References first.</param>
    /// <param name="proveLeftover">Proves what has appeared in the lower store meanwhile.</param>
    /// <param name="failed">Told of each that does not become valid.</param>
    /// <param name="cancellation">Ends the wait for locks.</param>
    /// <returns>What is valid now.</returns>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    internal IReadOnlyList<PublishedTree> Commit(
        IReadOnlyList<PublishedTree> trees, Func<ValidPathInfo, PublishedTree> proveLeftover, Action<StorePath, NixStoreException> failed,
        CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Posix.Syncfs(layers.Lower.Directory);
        var locks = new List<PathLock>();
        try
        {
            foreach (var path in trees.Select(tree => tree.Info.Path).OrderBy(path => path.BaseName, StringComparer.Ordinal))
            {
                locks.Add(layers.Lower.Protect(path, cancellation));
            }

            var placed = new List<PublishedTree>();
            foreach (var tree in trees)
            {
                try
                {
                    gate.Ensure(tree.Info, cancellation);
                    placed.Add(Place(tree, proveLeftover));
                }
                catch (NixStoreException error)
                {
                    gate.Fail(tree.Info.Path);
                    failed(tree.Info.Path, error);
                }
            }

            SyncNames(placed);
            return Register(placed, failed);
        }
        finally
        {
            locks.ForEach(one => one.Dispose());
        }
    }

    private PublishedTree Place(PublishedTree tree, Func<ValidPathInfo, PublishedTree> proveLeftover)
    {
        var name = ByteName.From(tree.Info.Path.BaseName);
        if (layers.FindInLower(tree.Info.Path) is { } present)
        {
            // Somebody else was faster.
            return present.NarHash.Equals(tree.Info.NarHash) ? tree with { Method = PublicationMethod.Present }
                : throw OverlayErrors.Differs(layers.Directory, tree.Info.Path, tree.Info.NarHash, $"the lower store has it with the hash {present.NarHash}");
        }

        if (OpenLayers.StatusIn(layers.Lower.Directory, name) is { } there)
        {
            return tree.Method == PublicationMethod.Registered && tree.IsStill(there) ? tree : proveLeftover(tree.Info) with { Outputs = tree.Outputs };
        }

        if (tree.Method == PublicationMethod.Registered)
        {
            throw OverlayErrors.FilesMissing(layers.Directory, tree.Info.Path, layers.Overlay.Url);
        }

        TreeMove.Move(tree.Directory, tree.Name, layers.Lower.Directory, name, replaces: false);
        return tree;
    }

    /// <summary>What lay in the lower store may never have been synced; of what was staged, only the names are new.</summary>
    private void SyncNames(List<PublishedTree> placed)
    {
        if (placed.Exists(tree => tree.Method == PublicationMethod.Registered))
        {
            Posix.Syncfs(layers.Lower.Directory);
        }

        Posix.Fsync(layers.Lower.Directory);
    }

    /// <summary>All in one transaction; should the database refuse one of them, each in one of its own.</summary>
    private List<PublishedTree> Register(List<PublishedTree> placed, Action<StorePath, NixStoreException> failed)
    {
        var registrations = placed.Where(tree => tree.Method != PublicationMethod.Present)
            .Select(tree => new PathRegistration(tree.Info, tree.Outputs)).ToList();
        try
        {
            layers.Lower.Database.Register(registrations);
            return placed;
        }
        catch (StoreDatabaseException) when (registrations.Count > 1)
        {
            var valid = placed.Where(tree => tree.Method == PublicationMethod.Present).ToList();
            foreach (var tree in placed.Where(tree => tree.Method != PublicationMethod.Present))
            {
                try
                {
                    gate.Ensure(tree.Info, CancellationToken.None);
                    layers.Lower.Database.Register([new PathRegistration(tree.Info, tree.Outputs)]);
                    valid.Add(tree);
                }
                catch (NixStoreException error)
                {
                    gate.Fail(tree.Info.Path);
                    failed(tree.Info.Path, error);
                }
            }

            return valid;
        }
    }
}
