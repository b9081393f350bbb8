using NixStore.Engine.Archive;
using NixStore.Engine.Database;
using NixStore.Engine.Locks;
using NixStore.Engine.Native;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Repair;

/// <summary>
/// Mends an inode that several paths of an optimised store share everywhere at once: the good file that was put into one path is linked
/// and exchanged into each other place, the entry in <c>.links</c> included. Real Nix heals one of them and leaves the bad inode in
/// <c>.links</c>, from where the next optimisation spreads it again (NIX-ON-DAMAGE, cases i1, i2, i6).
/// </summary>
/// <param name="store">The store.</param>
/// <param name="findRow">Looks up the row of a full path.</param>
/// <remarks>Not thread-safe.</remarks>
internal sealed class SharedInodes(WritableStore store, Func<string, PathRow?> findRow) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);
    private readonly NarHasher _hasher = new();

    /// <summary>
    /// Before files are replaced in an object: puts those that are staged into <c>.links</c> in the place of the damaged ones. In this order,
    /// because a bad link that no damaged path points at any more would be found by nobody but the next optimisation, which spreads it.
    /// </summary>
    /// <returns>The inodes that <c>.links</c> itself proved to be damaged copies of what is staged.</returns>
    internal IReadOnlySet<ulong> MendLinks(
        IReadOnlyList<TreeChange.Replace> replacing, StagingDirectory staging, CancellationToken cancellation)
    {
        var proved = new HashSet<ulong>();
        foreach (var change in replacing.Where(IsShared).Where(change => Posix.StatusAt(staging.Directory, change.Staged).Type == FileType.Regular))
        {
            var name = _hasher.HashTree(staging.Directory, change.Staged, cancellation: cancellation).Hash.ToNix32();
            try
            {
                using var link = TreeLocation.Find(store.Directory, StoreFile.Links, ByteString.FromText(name));
                if (Posix.TryStatusAt(link.Directory, link.Name, out var status, out _) && status.Inode == change.Old.Inode)
                {
                    proved.Add(change.Old.Inode);
                    TreePatcher.ExchangeForLink(link.Directory, link.Name, staging.Directory, change.Staged, staging, insideObject: false);
                }
            }
            catch (StoreIOException error) when (error.Kind != StoreErrorKind.DiskFull)
            {
                // There are no links, or not for writing: the path is mended all the same.
            }
        }

        return proved;
    }

    /// <summary>After files were replaced in an object: replaces the same inodes wherever else they are.</summary>
    /// <param name="baseName">The object that was mended.</param>
    /// <param name="replaced">What was replaced in it.</param>
    /// <param name="proved">What <see cref="MendLinks"/> gave.</param>
    /// <param name="staging">Where links are made.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Full paths of the other objects that were mended.</returns>
    internal IReadOnlyList<string> Spread(
        string baseName, IReadOnlyList<TreeChange.Replace> replaced, IReadOnlySet<ulong> proved, StagingDirectory staging,
        CancellationToken cancellation)
    {
        var shared = replaced.Where(IsShared)
            .DistinctBy(change => change.Old.Inode).ToDictionary(change => change.Old.Inode);
        if (shared.Count == 0)
        {
            return [];
        }

        var places = StoreWalker.Find(store.Directory, (_, inode) => shared.ContainsKey(inode), cancellation);
        var mended = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var group in places.Where(place => !place.IsLink && place.BaseName != StagingName(staging)).GroupBy(place => place.Inode))
        {
            using var good = TreeLocation.Find(store.Directory, baseName, shared[group.Key].Path);
            foreach (var place in group.OrderBy(place => place.BaseName, StringComparer.Ordinal))
            {
                if (TryMend(place, good, proved.Contains(group.Key), staging, cancellation))
                {
                    mended.Add($"{store.Location.Directory.Path}/{place.BaseName}");
                }
            }
        }

        return [.. mended];
    }

    /// <inheritdoc/>
    public void Dispose() => _hasher.Dispose();

    private static bool IsShared(TreeChange.Replace change) => change.Old is { Type: FileType.Regular, LinkCount: > 1 };

    private static string StagingName(StagingDirectory staging) => Path.GetFileName(staging.Directory.Path);

    private bool TryMend(StoreFile place, TreeLocation good, bool isProved, StagingDirectory staging, CancellationToken cancellation)
    {
        if (!StorePath.TryParse(place.BaseName, out var path))
        {
            return false;
        }

        PathLock? held = null;
        try
        {
            // Never long: somebody who holds it while waiting for the path that is locked here must not wait for ever.
            store.Roots.Add(path, cancellation);
            held = PathLock.Acquire(store.Directory, path, s_patience, cancellation);
            if (!isProved && !FitsInto(place, good, cancellation))
            {
                return false;
            }

            using var location = TreeLocation.Find(store.Directory, place.BaseName, place.Path);
            if (Posix.StatusAt(location.Directory, location.Name).Inode != place.Inode)
            {
                return false;
            }

            TreePatcher.ExchangeForLink(location.Directory, location.Name, good.Directory, good.Name, staging, location.IsInsideObject);
            return true;
        }
        catch (NixStoreException error) when (error is StoreIOException || error.ErrorId == "StoreLocked")
        {
            // This place is mended when its own path is; what was asked for is done.
            return false;
        }
        finally
        {
            held?.Dispose();
        }
    }

    /// <summary>True when the other object has its registered hash with the good file in this place.</summary>
    private bool FitsInto(StoreFile place, TreeLocation good, CancellationToken cancellation)
    {
        var row = findRow($"{store.Location.Directory.Path}/{place.BaseName}");
        if (!NixHash.TryParse(row?.Hash, out var expected))
        {
            return false;
        }

        var with = new NarSubstitutions().With(place.Path.Span, new NarReplacement.Tree(good.Directory, good.Name));
        return _hasher.HashTree(store.Directory, ByteName.From(place.BaseName), null, with, cancellation).Hash.Equals(expected);
    }
}
