using NixStore.Engine.Archive;
using NixStore.Engine.Native;

namespace NixStore.Engine.Transfer;

/// <summary>
/// A file, directory or symbolic link to be added to a store under the path that its contents have
/// (<c>nix-store --add</c>; with other methods and algorithms <c>nix-store --add-fixed</c>). Links are added, not followed.
/// </summary>
public sealed class FileImport
{
    /// <summary>Describes an import.</summary>
    /// <param name="file">An absolute path.</param>
    /// <param name="name">The name in the store; null = the file's.</param>
    /// <param name="method">The NAR, or of a regular file only its bytes.</param>
    /// <param name="algorithm">The hash that the path is made of.</param>
    /// <exception cref="NixStoreException">UnsupportedContentAddress: only Nar and Flat can be chosen.</exception>
    public FileImport(
        string file, string? name = null, ContentAddressMethod method = ContentAddressMethod.Nar,
        NixHashAlgorithm algorithm = NixHashAlgorithm.Sha256)
    {
        if (method is not (ContentAddressMethod.Nar or ContentAddressMethod.Flat))
        {
            throw new NixStoreException("UnsupportedContentAddress", StoreErrorKind.InvalidArgument,
                $"Files cannot be added by the method '{method}'.", file, "Use Nar or Flat.");
        }

        var full = System.IO.Path.GetFullPath(file);
        File = full.Length > 1 ? full.TrimEnd('/') : full;
        Name = name ?? System.IO.Path.GetFileName(File);
        Method = method;
        Algorithm = algorithm;
    }

    /// <summary>The absolute path.</summary>
    public string File { get; }

    /// <summary>The name in the store.</summary>
    public string Name { get; }

    /// <summary>How it is hashed.</summary>
    public ContentAddressMethod Method { get; }

    /// <summary>With what it is hashed.</summary>
    public NixHashAlgorithm Algorithm { get; }

    /// <summary>Where the file is.</summary>
    internal string ParentDirectory => System.IO.Path.GetDirectoryName(File) ?? "/";

    /// <summary>Raises an error when no store path can have the name, before anything is read.</summary>
    /// <exception cref="NixStoreException">InvalidStorePathName</exception>
    internal static void EnsureNameIsValid(string name)
    {
        if (!StorePath.IsValidName(name, out var reason))
        {
            throw new NixStoreException("InvalidStorePathName", StoreErrorKind.InvalidArgument,
                $"'{name}' cannot be the name of a store path: {reason}.", name, "Give another one (-Name).");
        }
    }

    /// <inheritdoc cref="EnsureNameIsValid(string)"/>
    internal void EnsureNameIsValid() => EnsureNameIsValid(Name);

    /// <summary>The archive that the store object will be made of.</summary>
    /// <exception cref="NixStoreException">NotARegularFile</exception>
    /// <exception cref="StoreIOException"/>
    internal Stream OpenNar(FileDescriptor parent, CancellationToken cancellation)
    {
        var name = ByteName.From(System.IO.Path.GetFileName(File) is { Length: > 0 } last ? last : ".");
        var status = Posix.StatusAt(parent, name);
        if (Method == ContentAddressMethod.Flat && status.Type != FileType.Regular)
        {
            throw new NixStoreException("NotARegularFile", StoreErrorKind.InvalidArgument,
                $"'{File}' is not a regular file, so it cannot be added by its bytes alone.", File, "Add it by its NAR (-Method Nar).");
        }

        // The executable bit stays, though a flat hash says nothing of it: so does Nix.
        return new NarDumpStream(parent, name, cancellation);
    }
}
