using System.Text;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Roots;

/// <summary>A permanent root, and what is needed to remove it.</summary>
/// <param name="Root">The root.</param>
/// <param name="Other">For an indirect root, the place of the other link in the store's own tree; null when it is elsewhere.</param>
internal sealed record PermanentRoot(StoreRoot Root, byte[]? Other = null);

/// <summary>
/// Links and files below <c>gcroots</c> and <c>profiles</c> (GC-SPEC §4.1; Nix libstore/gc.cc:findRoots). Symbolic links to directories are
/// not entered; an indirect root is followed one hop.
/// </summary>
internal sealed class PermanentRoots : IDisposable
{
    private const int LongestTarget = 4096;
    private readonly StoreLocation _store;
    private readonly Func<string, bool> _isRegistered;
    private readonly StorePathText _paths;
    private readonly UserNames _users;
    private readonly LinkTree _host = LinkTree.Host();

    internal PermanentRoots(StoreLocation store, Func<string, bool> isRegistered, UserNames users)
    {
        _store = store;
        _isRegistered = isRegistered;
        _paths = new StorePathText(store);
        _users = users;
        Tree = LinkTree.Of(store);
    }

    /// <summary>Where links lead.</summary>
    internal LinkTree Tree { get; }

    /// <summary>The directory of the roots.</summary>
    internal string RootsDirectory => $"{_store.StateDirectory}/gcroots";

    /// <summary>The directory of the profiles, which are roots as well.</summary>
    internal string ProfilesDirectory => $"{_store.StateDirectory}/profiles";

    /// <summary>Finds all.</summary>
    /// <param name="roots">Gets them.</param>
    /// <param name="report">Gets an error for what could not be read, and is left out.</param>
    /// <param name="cancellation">Ends the search.</param>
    internal void Find(List<StoreRoot> roots, Action<NixStoreException> report, CancellationToken cancellation)
    {
        foreach (var top in (string[])[RootsDirectory, ProfilesDirectory])
        {
            Guard(report, () =>
            {
                using var directory = QuietDirectory.Open(top);
                Walk(directory, Encoding.UTF8.GetBytes(top), roots, report, cancellation);
            });
        }
    }

    /// <summary>Looks at one name in a directory; null when it is no root, nor a stale one.</summary>
    /// <exception cref="StoreIOException"/>
    internal PermanentRoot? Look(FileDescriptor directory, ReadOnlySpan<byte> directoryPath, ReadOnlySpan<byte> name)
    {
        if (!Posix.TryStatusAt(directory, name, out var status, out var error))
        {
            return error == Errno.NoEntry ? null : throw new StoreIOException("stat", directory.Combine(name), error);
        }

        var link = directory.Combine(name);
        switch (status.Type)
        {
            case FileType.Regular:
                return _paths.ParseName(ByteName.Trim(name)) is { } named ? Named(StoreRootOrigin.FileName, named, null) : null;
            case FileType.SymbolicLink:
                break;
            default:
                return null;
        }

        Span<byte> buffer = stackalloc byte[LongestTarget];
        var length = Posix.TryReadLinkAt(directory, name, buffer, out error);
        if (length < 0)
        {
            return error is Errno.NoEntry or Errno.Invalid ? null : throw new StoreIOException("read the link", link, error);
        }

        var target = buffer[..length];
        var isProfile = IsProfile(directoryPath);
        if (_paths.IsInStore(target))
        {
            return _paths.Parse(target) is { } path
                ? Named(isProfile ? StoreRootOrigin.Profile : StoreRootOrigin.DirectLink, path, ByteName.ToDisplay(target)) : null;
        }

        var origin = isProfile ? StoreRootOrigin.Profile : StoreRootOrigin.IndirectLink;
        var other = BytePath.Absolute(target, Tree.ToInside(directoryPath));
        var (look, kept, inTree) = Follow(other);
        return look switch
        {
            LinkLook.Missing => New(origin, StoreRootState.Stale, null, ByteName.ToDisplay(buffer[..length])),
            LinkLook.Unknown => New(origin, StoreRootState.Unknown, null, ByteName.ToDisplay(buffer[..length])),
            LinkLook.Link when kept is not null => Named(origin, kept, ByteName.ToDisplay(buffer[..length])) with { Other = inTree ? Tree.ToInside(other) : null },
            _ => null,
        };

        PermanentRoot Named(StoreRootOrigin from, string path, string? text)
            => New(from, _isRegistered(path) ? StoreRootState.Active : StoreRootState.NotRegistered, path, text);

        PermanentRoot New(StoreRootOrigin from, StoreRootState state, string? path, string? text) => new(new StoreRoot
        {
            Store = _store.Url,
            Kind = StoreRootKind.Permanent,
            Origin = from,
            State = state,
            Path = path,
            Link = link,
            Target = text,
            User = _users.NameOf(status.Owner),
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Tree.Dispose();
        _host.Dispose();
    }

    private void Walk(FileDescriptor directory, byte[] path, List<StoreRoot> roots, Action<NixStoreException> report, CancellationToken cancellation)
    {
        using var entries = new DirectoryEntries(directory);
        while (entries.MoveNext())
        {
            cancellation.ThrowIfCancellationRequested();
            var name = entries.Name.ToArray();
            var type = entries.Type;
            Guard(report, () =>
            {
                if (type == FileType.Unknown && Posix.TryStatusAt(directory, name, out var status, out _))
                {
                    type = status.Type;
                }

                if (type == FileType.Directory)
                {
                    using var below = Posix.OpenAt(directory, name, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.NoAccessTime);
                    Walk(below, BytePath.Join(path, ByteName.Trim(name)), roots, report, cancellation);
                }
                else if (Look(directory, path, name) is { } found)
                {
                    roots.Add(found.Root);
                }
            });
        }
    }

    /// <summary>
    /// What the other link is and keeps. A link that was made from outside of a guest names its place on this machine: such a place counts
    /// where it is below the guest's root, and elsewhere as long as a link is there that names a registered path.
    /// </summary>
    private (LinkLook Look, string? Path, bool InTree) Follow(byte[] other)
    {
        var look = Tree.Look(Tree.ToInside(other), out var target);
        if (look is LinkLook.Missing or LinkLook.Unknown && Tree.IsGuest
            && _host.Look(other, out var outside) == LinkLook.Link && _paths.Parse(outside) is { } path && _isRegistered(path))
        {
            return (LinkLook.Link, path, false);
        }

        return (look, look == LinkLook.Link ? _paths.Parse(target) : null, true);
    }

    private bool IsProfile(ReadOnlySpan<byte> directory)
    {
        var profiles = Encoding.UTF8.GetBytes(ProfilesDirectory);
        return directory.SequenceEqual(profiles) || BytePath.IsBelow(directory, profiles);
    }

    private static void Guard(Action<NixStoreException> report, Action body)
    {
        try
        {
            body();
        }
        catch (StoreIOException error) when (error.ErrorNumber == Errno.NoEntry)
        {
            // Removed since it was listed, or never made.
        }
        catch (StoreIOException error)
        {
            report(error);
        }
    }
}
