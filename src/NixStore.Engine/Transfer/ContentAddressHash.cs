using NixStore.Engine.Archive;
using NixStore.Engine.Native;

namespace NixStore.Engine.Transfer;

/// <summary>The hash in a content address, computed from files (STORE-SPEC §4; Nix libstore/content-address.cc).</summary>
public static class ContentAddressHash
{
    /// <summary>False for addresses that are known but not computed here: Git trees and BLAKE3.</summary>
    public static bool IsSupported(ContentAddress address)
        => address.Method != ContentAddressMethod.Git && address.Hash.Algorithm != NixHashAlgorithm.Blake3;

    /// <summary>Hashes a tree as a method wants it.</summary>
    /// <param name="parent">An open directory.</param>
    /// <param name="name">NUL-terminated name there.</param>
    /// <param name="method">How.</param>
    /// <param name="algorithm">With what.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="NixStoreException">
    /// NotARegularFile: flat hashing needs one. UnsupportedContentAddress: Git trees. UnsupportedHashAlgorithm: BLAKE3.
    /// </exception>
    /// <exception cref="NarTreeException"/>
    /// <exception cref="StoreIOException"/>
    public static NixHash Compute(
        FileDescriptor parent, byte[] name, ContentAddressMethod method, NixHashAlgorithm algorithm, CancellationToken cancellation)
    {
        using var hasher = new NarHasher(algorithm);
        switch (method)
        {
            case ContentAddressMethod.Nar:
                return hasher.HashTree(parent, name, null, null, cancellation).Hash;
            case ContentAddressMethod.Flat or ContentAddressMethod.Text:
                using (var file = OpenRegular(parent, name))
                {
                    return hasher.HashFile(file, cancellation).Hash;
                }

            default:
                throw new NixStoreException("UnsupportedContentAddress", StoreErrorKind.NotSupported,
                    "Hashes of Git trees cannot be computed.", parent.Combine(name));
        }
    }

    /// <summary>True when the files are the ones that a content address speaks of.</summary>
    /// <param name="parent">An open directory.</param>
    /// <param name="name">NUL-terminated name there.</param>
    /// <param name="address">A supported one.</param>
    /// <param name="self">The path itself, when it refers to itself.</param>
    /// <param name="cancellation">Ends the reading.</param>
    internal static bool Matches(
        FileDescriptor parent, byte[] name, ContentAddress address, StorePath? self, CancellationToken cancellation)
    {
        if (address.Method is ContentAddressMethod.Flat or ContentAddressMethod.Text
            && Posix.StatusAt(parent, name).Type != FileType.Regular)
        {
            return false;
        }

        if (address.Method == ContentAddressMethod.Nar && self is not null)
        {
            using var hasher = new NarHasher(address.Hash.Algorithm);
            return hasher.HashTreeModulo(parent, name, self.HashPart, null, cancellation).Matches(address.Hash);
        }

        return Compute(parent, name, address.Method, address.Hash.Algorithm, cancellation).Equals(address.Hash);
    }

    /// <summary>
    /// True when files and path are those of the content address, also when there is none or one that cannot be computed here. The hash of the
    /// archive has been found to be the one in <paramref name="info"/> already.
    /// </summary>
    /// <param name="info">What is claimed.</param>
    /// <param name="paths">Computes store paths.</param>
    /// <param name="parent">An open directory.</param>
    /// <param name="name">NUL-terminated name there.</param>
    /// <param name="cancellation">Ends the reading.</param>
    internal static bool IsProved(
        ValidPathInfo info, StorePathFactory paths, FileDescriptor parent, byte[] name, CancellationToken cancellation)
    {
        if (info.ContentAddress is not { } address || !IsSupported(address))
        {
            return true;
        }

        var self = info.References.Contains(info.Path) ? info.Path : null;
        return paths.Proves(info.Path, address, info.References)
            && (self is null && address.Method == ContentAddressMethod.Nar && address.Hash.Algorithm == NixHashAlgorithm.Sha256
                ? address.Hash.Equals(info.NarHash)
                : Matches(parent, name, address, self, cancellation));
    }

    private static FileDescriptor OpenRegular(FileDescriptor parent, byte[] name)
    {
        // Looked at before it is opened: opening a device can have effects, and a fifo would wait.
        if (Posix.StatusAt(parent, name).Type != FileType.Regular)
        {
            throw NotRegular(parent.Combine(name));
        }

        return Posix.OpenAt(parent, name, OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NonBlocking | OpenFlags.NoAccessTime);
    }

    private static NixStoreException NotRegular(string path) => new(
        "NotARegularFile", StoreErrorKind.InvalidArgument, $"'{path}' is not a regular file, so it has no flat hash.", path,
        "Add it by its NAR instead (-Method Nar).");
}
