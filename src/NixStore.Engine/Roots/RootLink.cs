using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Roots;

/// <summary>Where the links of a permanent root are: the one that its user sees, and the one by which Nix finds that.</summary>
internal sealed class RootLink
{
    private RootLink(string path, byte[] inside, bool isDirect, string rootPath)
    {
        Path = path;
        Inside = inside;
        IsDirect = isDirect;
        RootPath = rootPath;
    }

    /// <summary>The user's link, as this machine calls it.</summary>
    internal string Path { get; }

    /// <summary>The same as the store's own system calls it: what stands in the other link.</summary>
    internal byte[] Inside { get; }

    /// <summary>True when it is a root of itself, as it is below gcroots or profiles.</summary>
    internal bool IsDirect { get; }

    /// <summary>The link below gcroots: <c>auto/&lt;SHA-1 of the other's path&gt;</c> (Nix libstore/gc.cc:addIndirectRoot), or the user's link itself.</summary>
    internal string RootPath { get; }

    /// <summary>The links for a place on this machine.</summary>
    /// <exception cref="NixStoreException">RootLinkInStore, RootLinkOutsideStoreRoot</exception>
    internal static RootLink At(StoreLocation store, string link)
    {
        var path = System.IO.Path.GetFullPath(link);
        if (IsBelow(path, store.RealDirectory) || IsBelow(path, store.Directory.Path))
        {
            throw new NixStoreException("RootLinkInStore", StoreErrorKind.InvalidArgument, $"'{path}' is in the store directory, where no root can be.", path,
                "Give a link somewhere else.");
        }

        var prefix = LinkTree.PrefixOf(store);
        if (prefix.Length > 0 && !IsBelow(path, prefix))
        {
            throw new NixStoreException("RootLinkOutsideStoreRoot", StoreErrorKind.InvalidArgument,
                $"'{path}' is not below '{prefix}', and so cannot be seen by the system that the store {store.Url} belongs to.", path,
                $"Give a link below '{prefix}'.");
        }

        var inside = path[prefix.Length..];
        var isDirect = IsBelow(path, $"{store.StateDirectory}/gcroots") || IsBelow(path, $"{store.StateDirectory}/profiles");

        // Nix's own name for the link, which nothing has to be secret about.
#pragma warning disable CA5350
        var name = Nix32.Encode(SHA1.HashData(Encoding.UTF8.GetBytes(inside)));
#pragma warning restore CA5350
        return new RootLink(path, Encoding.UTF8.GetBytes(inside), isDirect, isDirect ? path : $"{store.StateDirectory}/gcroots/auto/{name}");
    }

    /// <summary>Puts a symbolic link into a directory such that it is there as a whole or not at all, even after a crash.</summary>
    /// <exception cref="StoreIOException">PathExists: without <paramref name="replace"/>, something has come to be there.</exception>
    internal static void Place(FileDescriptor directory, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, bool replace)
    {
        var temporary = ByteName.From((byte[])[.. ByteName.Trim(name), .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $".tmp-{Environment.ProcessId}-{Random.Shared.Next():x8}"))]);
        Posix.SymlinkAt(target, directory, temporary);
        try
        {
            if (replace || !TryRenameWithoutReplacing(directory, temporary, name))
            {
                Posix.RenameAt(directory, temporary, directory, name);
            }
        }
        catch
        {
            Posix.UnlinkAt(directory, temporary);
            throw;
        }

        Posix.Fsync(directory);
    }

    private static bool TryRenameWithoutReplacing(FileDescriptor directory, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        try
        {
            Posix.RenameNoReplaceAt(directory, from, directory, to);
            return true;
        }
        catch (StoreIOException error) when (error.ErrorNumber == Errno.Invalid)
        {
            // A network file system that knows only the plain one.
            return false;
        }
    }

    private static bool IsBelow(string path, string directory) => path.StartsWith(directory + "/", StringComparison.Ordinal);
}
