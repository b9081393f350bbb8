using NixStore.Engine.Locks;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Roots;

/// <summary>
/// Makes permanent roots (Nix libstore/indirect-root-store.cc:addPermRoot): a link to a store path, and the link below <c>gcroots/auto</c> by
/// which collectors find it. A temporary root keeps the path until both are there; killed in between, nothing was promised, and the same call
/// completes it.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="isRegistered">Whether a full logical path is registered, at the moment of the question.</param>
public sealed class RootMaker(StoreLocation store, Func<string, bool> isRegistered)
{
    /// <summary>Makes a root.</summary>
    /// <param name="path">What it keeps.</param>
    /// <param name="link">Where the link is to be, as this machine calls it; its directory must exist. Below gcroots it is a direct root.</param>
    /// <param name="replace">Replace a link that keeps another path. What is no link into the store is never replaced.</param>
    /// <param name="cancellation">Ends the waiting for a collector's answer.</param>
    /// <exception cref="NixStoreException">StoreReadOnly, RootLinkInStore, RootLinkOutsideStoreRoot, RootLinkExists</exception>
    /// <exception cref="StorePathNotFoundException">The path is not valid.</exception>
    /// <exception cref="StoreIOException"/>
    public StoreRoot Make(StorePath path, string link, bool replace, CancellationToken cancellation)
    {
        StoreAccess.EnsureWritable(store);
        var place = RootLink.At(store, link);
        using var tree = LinkTree.Of(store);
        using var directory = OpenDirectory(tree, place);
        var name = ByteName.From(BytePath.NameOf(place.Inside));
        var full = store.Directory.Print(path);
        using var roots = TemporaryRoots.Open(store, cancellation);
        roots.Add(path, cancellation);
        if (!isRegistered(full))
        {
            throw new StorePathNotFoundException(full, store);
        }

        var existing = ReadLink(directory, name, place);
        if (existing != full)
        {
            if (existing is not null && !replace)
            {
                throw Exists(place, $"a link to '{existing}'", "Give -Force to replace it, or another link.");
            }

            RootLink.Place(directory, name, ByteName.From(full), replace: existing is not null);
        }

        if (!place.IsDirect)
        {
            PlaceIndirect(place);
        }

        return Find(place);
    }

    private static FileDescriptor OpenDirectory(LinkTree tree, RootLink place)
        => tree.TryOpen(BytePath.ParentOf(place.Inside), OpenFlags.ReadOnly | OpenFlags.Directory, out var error)
            ?? throw new StoreIOException("open the directory of", place.Path, error);

    /// <summary>What a link that is there already keeps; null when there is nothing.</summary>
    private string? ReadLink(FileDescriptor directory, ReadOnlySpan<byte> name, RootLink place)
    {
        if (!Posix.TryStatusAt(directory, name, out var status, out var error))
        {
            return error == Errno.NoEntry ? null : throw new StoreIOException("stat", place.Path, error);
        }

        const string remedy = "Give another link: what is no link into the store is never replaced.";
        if (status.Type != FileType.SymbolicLink)
        {
            throw Exists(place, "no symbolic link", remedy);
        }

        var target = Posix.ReadLinkAt(directory, name);
        var text = ByteName.ToDisplay(target);
        return new StorePathText(store).IsInStore(target) ? text : throw Exists(place, $"a link to '{text}', which is not in the store", remedy);
    }

    private void PlaceIndirect(RootLink place)
    {
        var auto = $"{store.StateDirectory}/gcroots/auto";
        Directory.CreateDirectory(auto);
        using var directory = Posix.Open(auto, OpenFlags.ReadOnly | OpenFlags.Directory);
        var name = ByteName.From(Path.GetFileName(place.RootPath));
        if (!Posix.TryStatusAt(directory, name, out var status, out _) || status.Type != FileType.SymbolicLink
            || !Posix.ReadLinkAt(directory, name).AsSpan().SequenceEqual(place.Inside))
        {
            RootLink.Place(directory, name, ByteName.From(place.Inside), replace: true);
        }
    }

    private StoreRoot Find(RootLink place)
    {
        using var roots = new PermanentRoots(store, isRegistered, new UserNames());
        var parent = Path.GetDirectoryName(place.RootPath)!;
        using var directory = Posix.Open(parent, OpenFlags.ReadOnly | OpenFlags.Directory);
        return roots.Look(directory, ByteName.Trim(ByteName.From(parent)), ByteName.From(Path.GetFileName(place.RootPath)))?.Root
            ?? throw new NixStoreException("RootChanged", StoreErrorKind.Busy, $"The root '{place.Path}' was changed by another process while it was made.",
                place.Path, "Run the command again.");
    }

    private static NixStoreException Exists(RootLink place, string what, string remedy) => new(
        "RootLinkExists", StoreErrorKind.InvalidArgument, $"'{place.Path}' exists: it is {what}.", place.Path, remedy);
}
