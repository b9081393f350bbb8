using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Roots;

/// <summary>
/// Removes permanent roots. Each is looked at again right before: what has changed since it was found is left alone. Of an indirect root the
/// user's link goes first, so that whatever happens in between, no link remains that looks like a root and is none.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="isRegistered">Whether a full logical path is registered.</param>
public sealed class RootRemover(StoreLocation store, Func<string, bool> isRegistered)
{
    /// <summary>The root that a link is, be it the user's link or the one below gcroots.</summary>
    /// <exception cref="NixStoreException">RootNotFound, RootLinkInStore, RootLinkOutsideStoreRoot</exception>
    /// <exception cref="StoreIOException"/>
    public StoreRoot Find(string link)
    {
        using var roots = new PermanentRoots(store, isRegistered, new UserNames());
        var found = Look(roots, RootLink.At(store, link).RootPath, out var directory, out _);
        directory?.Dispose();
        return found?.Root ?? throw NotFound(Path.GetFullPath(link));
    }

    /// <summary>Says why a root cannot be removed; null when it can, as far as that is known without a look.</summary>
    public static NixStoreException? Refusal(StoreRoot root) => root switch
    {
        { Kind: StoreRootKind.Runtime, Pid: { } process } => NotRemovable(root,
            $"the process {process} ({root.ProcessName}) uses '{root.Path}'", $"End or restart the process {process} ({root.ProcessName})."),
        { Kind: StoreRootKind.Runtime } => NotRemovable(root, $"running processes or the kernel use '{root.Path}'",
            "Change what uses it, or wait until it has ended."),
        { Kind: StoreRootKind.Temporary } => NotRemovable(root,
            root.Pid is { } owner ? $"the process {owner} ({root.ProcessName ?? "of another namespace"}) holds '{root.Path}'" : $"a running process holds '{root.Path}'",
            "Wait until the process has ended; its temporary roots end with it."),
        { Origin: StoreRootOrigin.Profile } => NotRemovable(root, "it belongs to a profile", "Use Remove-StoreGeneration, which knows the current generation."),
        { State: StoreRootState.Unknown } => NotRemovable(root, $"what it points at, '{root.Target}', cannot be read or is not mounted",
            $"Mount it, then run the command again; if it is gone for good, remove the link by hand: rm '{root.Link}'."),
        { Origin: StoreRootOrigin.IndirectLink, Target: { } target } when IsGeneration(target) => NotRemovable(root,
            $"'{target}' is a generation of a profile", "Use Remove-StoreGeneration, which knows the current generation."),
        _ => null,
    };

    /// <summary>Removes a root that was found before.</summary>
    /// <exception cref="NixStoreException">RootNotRemovable, RootNotFound, RootChanged, StoreReadOnly</exception>
    /// <exception cref="StoreIOException"/>
    public void Remove(StoreRoot root)
    {
        StoreAccess.EnsureWritable(store);
        if (Refusal(root) is { } refusal)
        {
            throw refusal;
        }

        using var roots = new PermanentRoots(store, isRegistered, new UserNames());
        var found = Look(roots, root.Link, out var directory, out var name);
        using (directory)
        {
            if (found is null)
            {
                throw NotFound(root.Link);
            }

            // Registered or not, it is the same link.
            if (found.Root.Path != root.Path || found.Root.Target != root.Target || found.Root.Stale != root.Stale || found.Root.State == StoreRootState.Unknown)
            {
                throw Changed(root.Link);
            }

            if (found.Other is not null)
            {
                RemoveOther(roots.Tree, found);
            }

            Posix.UnlinkAt(directory!, name);
        }
    }

    private void RemoveOther(LinkTree tree, PermanentRoot found)
    {
        using var directory = tree.TryOpen(BytePath.ParentOf(found.Other), OpenFlags.ReadOnly | OpenFlags.Directory, out var error)
            ?? throw new StoreIOException("open the directory of", tree.ToOutside(found.Other), error);
        var name = ByteName.From(BytePath.NameOf(found.Other));
        Span<byte> target = stackalloc byte[4096];
        var length = Posix.TryReadLinkAt(directory, name, target, out _);
        if (length < 0 || new StorePathText(store).Parse(target[..length]) != found.Root.Path)
        {
            throw Changed(tree.ToOutside(found.Other));
        }

        Posix.UnlinkAt(directory, name);
    }

    private static PermanentRoot? Look(PermanentRoots roots, string link, out FileDescriptor? directory, out byte[] name)
    {
        var parent = Path.GetDirectoryName(link)!;
        name = ByteName.From(Path.GetFileName(link));
        directory = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(parent), OpenFlags.ReadOnly | OpenFlags.Directory, 0, out var error);
        if (directory is null)
        {
            return error is Errno.NoEntry or Errno.NotDirectory ? null : throw new StoreIOException("open", parent, error);
        }

        if (link.Contains("\\x", StringComparison.Ordinal) && !Posix.TryStatusAt(directory, name, out _, out _))
        {
            name = FindDisplayed(directory, Path.GetFileName(link)) ?? name;
        }

        return roots.Look(directory, ByteName.Trim(ByteName.From(parent)), name);
    }

    /// <summary>A name that is no text is known by how it is shown.</summary>
    private static byte[]? FindDisplayed(FileDescriptor directory, string shown)
    {
        using var entries = new DirectoryEntries(directory);
        while (entries.MoveNext())
        {
            if (ByteName.ToDisplay(entries.Name) == shown)
            {
                return entries.Name.ToArray();
            }
        }

        return null;
    }

    /// <summary><c>profile-42-link</c>: a link of this kind is a generation of the profile beside it, wherever that is.</summary>
    private static bool IsGeneration(string target)
    {
        const string suffix = "-link";
        var name = target[(target.LastIndexOf('/') + 1)..];
        return name.EndsWith(suffix, StringComparison.Ordinal) && name[..^suffix.Length].LastIndexOf('-') is var dash and > 0
            && name.Length - suffix.Length - dash > 1 && name.AsSpan(dash + 1, name.Length - suffix.Length - dash - 1).ContainsAnyExceptInRange('0', '9') is false;
    }

    private NixStoreException NotFound(string link) => new(
        "RootNotFound", StoreErrorKind.NotFound, $"'{link}' is no root of the store {store.Url}.", link, "Get-StoreRoot lists the roots.");

    private static NixStoreException Changed(string link) => new(
        "RootChanged", StoreErrorKind.Busy, $"The root '{link}' was changed since it was looked at, and is left alone.", link, "Look at it again with Get-StoreRoot.");

    private static NixStoreException NotRemovable(StoreRoot root, string reason, string remedy) => new(
        "RootNotRemovable", StoreErrorKind.InvalidArgument, $"The root '{root.Link}' cannot be removed: {reason}.", root.Link, remedy);
}
