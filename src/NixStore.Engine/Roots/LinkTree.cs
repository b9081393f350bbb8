using System.Text;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Roots;

/// <summary>What is at the place that a root points at.</summary>
internal enum LinkLook
{
    /// <summary>A symbolic link.</summary>
    Link,
    /// <summary>Something else.</summary>
    Other,
    /// <summary>Nothing, in a directory that is there.</summary>
    Missing,
    /// <summary>It cannot be told: unreadable, or on a file system that is not mounted.</summary>
    Unknown,
}

/// <summary>
/// Where the links of a store lead: the file system of this machine, or, for a store opened by <c>root=R</c>, the system below R, whose links
/// are looked up as that system sees them, without a way out.
/// </summary>
internal sealed class LinkTree : IDisposable
{
    private const int LongestTarget = 4096;
    private readonly FileDescriptor? _root;
    private readonly byte[] _prefix;
    private readonly Lazy<MountPoints> _mountPoints;

    private LinkTree(string prefix, FileDescriptor? root)
    {
        Prefix = prefix;
        _prefix = Encoding.UTF8.GetBytes(prefix);
        _root = root;
        _mountPoints = new(() => MountPoints.Read(this));
    }

    /// <summary>The directory that the other system calls its root; empty for this machine.</summary>
    internal string Prefix { get; }

    /// <summary>True when it is another system than this machine's.</summary>
    internal bool IsGuest => _root is not null;

    /// <summary>This machine.</summary>
    internal static LinkTree Host() => new("", null);

    /// <summary>The tree of a store.</summary>
    /// <exception cref="StoreIOException"/>
    internal static LinkTree Of(StoreLocation store)
    {
        var prefix = PrefixOf(store);
        return prefix.Length == 0 ? Host() : new LinkTree(prefix, QuietDirectory.Open(prefix));
    }

    /// <summary>What the real directories of a store have before what the logical ones are called; empty when they are the same.</summary>
    internal static string PrefixOf(StoreLocation store)
    {
        var (real, logical) = (store.RealDirectory, store.Directory.Path);
        var prefix = real.EndsWith(logical, StringComparison.Ordinal) ? real[..^logical.Length] : "";
        return store.StateDirectory.StartsWith(prefix + "/", StringComparison.Ordinal) ? prefix : "";
    }

    /// <summary>A path of this machine as the tree calls it. What is not below its root stays as it is.</summary>
    internal byte[] ToInside(ReadOnlySpan<byte> path) => BytePath.IsBelow(path, _prefix) ? path[_prefix.Length..].ToArray() : path.ToArray();

    /// <summary>A path of the tree as this machine calls it, for people.</summary>
    internal string ToOutside(ReadOnlySpan<byte> path) => Prefix + ByteName.ToDisplay(path);

    /// <summary>Opens an absolute path of the tree; null and errno when it fails.</summary>
    internal FileDescriptor? TryOpen(ReadOnlySpan<byte> path, int flags, out int error)
        => _root is null ? Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(path), flags, 0, out error)
            : Posix.TryOpenInRoot(_root, ByteName.From(path), flags, out error);

    /// <summary>Looks at a canonical absolute path of the tree, and reads it when it is a link.</summary>
    internal LinkLook Look(ReadOnlySpan<byte> path, out byte[] target)
    {
        target = [];
        using var file = TryOpen(path, OpenFlags.PathOnly | OpenFlags.NoFollow, out var error);
        if (file is null)
        {
            return error == Errno.NoEntry && IsMissing(path) ? LinkLook.Missing : LinkLook.Unknown;
        }

        // Of what is no link, the kernel says EINVAL or, for the empty name, ENOENT.
        Span<byte> buffer = stackalloc byte[LongestTarget];
        var length = Posix.TryReadLinkAt(file, "\0"u8, buffer, out error);
        if (length >= 0)
        {
            target = buffer[..length].ToArray();
            return LinkLook.Link;
        }

        return error is Errno.Invalid or Errno.NoEntry ? LinkLook.Other : LinkLook.Unknown;
    }

    /// <inheritdoc/>
    public void Dispose() => _root?.Dispose();

    /// <summary>True when the directory is there, and is what it should be: then its name is gone. Otherwise a disk may only be away.</summary>
    private bool IsMissing(ReadOnlySpan<byte> path)
    {
        var parent = BytePath.ParentOf(path);
        using var directory = TryOpen(parent, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime, out _);
        return directory is not null && !_mountPoints.Value.IsUnmounted(parent, directory);
    }
}
