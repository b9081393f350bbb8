using NixStore.Engine.Archive;
using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Sources;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Transfer;

/// <summary>
/// Adds paths to a store beside a live Nix, by its protocol (GC-SPEC §1–2; Nix libstore/local-store.cc:addToStore): temporary root,
/// staging, path lock, a second look whether the path is valid, rename into place, row. Killed at any point, it leaves a store that Nix
/// accepts, and doing the same again completes it. Safe for several threads.
/// </summary>
public sealed class PathImporter : IDisposable
{
    private readonly Lock _readGate = new();
    private readonly StoreDirectory _directory;
    private readonly StorePathFactory _paths;
    private readonly DerivationOutputs _derivations;
    private StoreDatabase? _rows;

    private PathImporter(WritableStore store)
    {
        Store = store;
        _directory = store.Location.Directory;
        _paths = new StorePathFactory(_directory);
        _derivations = new DerivationOutputs(store.Location);
    }

    /// <summary>The store.</summary>
    public WritableStore Store { get; }

    /// <summary>Opens a store for imports; one that does not exist is made.</summary>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="NixStoreException">StoreReadOnly, StoreLocked, StoreNotCreated, DatabaseLost</exception>
    public static PathImporter Open(StoreLocation location, CancellationToken cancellation)
    {
        if (!location.IsReadOnly)
        {
            StoreCreator.EnsureExists(location);
        }

        return new PathImporter(WritableStore.Open(location, cancellation));
    }

    /// <summary>Protects a path from collectors until this object is disposed, then says whether it is valid.</summary>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    public bool ProtectIfValid(StorePath path, CancellationToken cancellation)
    {
        Store.Roots.Add(path, cancellation);
        return Store.IsValid(path);
    }

    /// <summary>Adds a file, directory or symbolic link of the file system, as <c>nix-store --add</c> does; see <see cref="FileImport"/>.</summary>
    /// <param name="file">What and how.</param>
    /// <param name="cancellation">Ends the reading; nothing is added then.</param>
    /// <exception cref="NarTreeException">UnsupportedFileType, FileChanged, …</exception>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="NixStoreException">InvalidStorePathName; NotARegularFile; UnsupportedHashAlgorithm; NarTooDeep</exception>
    public ImportedPath Add(FileImport file, CancellationToken cancellation)
    {
        file.EnsureNameIsValid();
        using var parent = Posix.Open(file.ParentDirectory, OpenFlags.PathOnly | OpenFlags.Directory);
        using var nar = file.OpenNar(parent, cancellation);
        using var tree = StagedTree.Restore(Store, nar, cancellation);
        var hash = file is { Method: ContentAddressMethod.Nar, Algorithm: NixHashAlgorithm.Sha256 }
            ? tree.Nar.Hash
            : ContentAddressHash.Compute(tree.Directory, tree.Name, file.Method, file.Algorithm, cancellation);
        return AddAddressed(tree, new ContentAddress(file.Method, hash), file.Name, cancellation);
    }

    /// <summary>Adds the contents of an archive under the path that they have as a source.</summary>
    /// <param name="nar">The archive; read to its end.</param>
    /// <param name="name">The name of the path.</param>
    /// <param name="cancellation">Ends the reading; nothing is added then.</param>
    /// <exception cref="NarFormatException"/>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="NixStoreException">InvalidStorePathName</exception>
    public ImportedPath Add(Stream nar, string name, CancellationToken cancellation)
    {
        FileImport.EnsureNameIsValid(name);
        using var tree = StagedTree.Restore(Store, nar, cancellation);
        return AddAddressed(tree, new ContentAddress(ContentAddressMethod.Nar, tree.Nar.Hash), name, cancellation);
    }

    /// <summary>Adds the contents of an archive under a given path.</summary>
    /// <param name="info">What is to be registered. Its references must be valid, or become so while <paramref name="awaitReferences"/> runs.</param>
    /// <param name="openNar">Gives the archive; not called when the path is valid already.</param>
    /// <param name="trust">Whether <paramref name="info"/> is believed.</param>
    /// <param name="origin">Where it comes from, for messages.</param>
    /// <param name="awaitReferences">Called when the contents are ready and before they are published; null when there is nothing to wait for.</param>
    /// <param name="cancellation">Ends the reading; nothing is added then.</param>
    /// <exception cref="NixStoreException">UntrustedPath, NarHashMismatch, ContentAddressMismatch, ReferenceNotValid; what the archive's stream throws.</exception>
    /// <exception cref="NarFormatException"/>
    /// <exception cref="StoreIOException"/>
    public ImportedPath Add(
        ValidPathInfo info, Func<Stream> openNar, ImportTrust trust, string origin, Action? awaitReferences, CancellationToken cancellation)
    {
        if (ProtectIfValid(info.Path, cancellation))
        {
            return new ImportedPath(info.Path, WasValid: true, info.NarSize);
        }

        trust.Check(info, _directory, origin);
        if (awaitReferences is null)
        {
            EnsureReferencesAreValid(info, cancellation);
        }

        StagedTree tree;
        using (var nar = openNar())
        {
            tree = StagedTree.Restore(Store, nar, cancellation);
        }

        using (tree)
        {
            EnsureContents(info, tree, origin, cancellation);
            awaitReferences?.Invoke();
            return Publish(tree, info with { NarHash = tree.Nar.Hash, NarSize = tree.Nar.Size, Ultimate = false, RegistrationTime = null }, cancellation);
        }
    }

    /// <summary>Adds a path that a source offers.</summary>
    /// <inheritdoc cref="Add(ValidPathInfo, Func{Stream}, ImportTrust, string, Action, CancellationToken)"/>
    public ImportedPath Add(
        IContentSource source, SourcePath path, ImportTrust trust, Action? awaitReferences, CancellationToken cancellation)
        => Add(path.Info, () => source.OpenNar(path, cancellation), trust, source.Name, awaitReferences, cancellation);

    /// <summary>What the store says of a path now; null when it is not registered.</summary>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreIOException"/>
    public StorePathInfo? Describe(StorePath path)
    {
        lock (_readGate)
        {
            _rows ??= StoreDatabase.OpenForReading(Store.Location);
            return _rows.Find(_directory.Print(path)) is { } row ? PathLister.Describe(row, Store.Location) : null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rows?.Dispose();
        Store.Dispose();
    }

    private ImportedPath AddAddressed(StagedTree tree, ContentAddress address, string name, CancellationToken cancellation)
    {
        var info = new ValidPathInfo
        {
            Path = _paths.FromContentAddress(address, name, [], hasSelfReference: false),
            NarHash = tree.Nar.Hash,
            NarSize = tree.Nar.Size,
            ContentAddress = address,
        };
        return Publish(tree, info, cancellation);
    }

    /// <summary>From contents to a valid path: files before row, references before referrers.</summary>
    private ImportedPath Publish(StagedTree tree, ValidPathInfo info, CancellationToken cancellation)
    {
        using var pathLock = Store.Protect(info.Path, cancellation);
        if (Store.IsValid(info.Path))
        {
            return new ImportedPath(info.Path, WasValid: true, info.NarSize);
        }

        EnsureReferencesAreValid(info, cancellation);
        var outputs = info.Path.IsDerivation ? _derivations.Read(tree, info.Path) : null;
        tree.MoveInto(Store, info.Path);
        Store.Database.Register([new PathRegistration(info, outputs)]);
        return new ImportedPath(info.Path, WasValid: false, info.NarSize);
    }

    private void EnsureReferencesAreValid(ValidPathInfo info, CancellationToken cancellation)
    {
        foreach (var reference in info.References)
        {
            if (!reference.Equals(info.Path) && !ProtectIfValid(reference, cancellation))
            {
                throw TransferErrors.ReferenceNotValid(info.Path, reference, _directory, Store.Location.Url);
            }
        }
    }

    private void EnsureContents(ValidPathInfo info, StagedTree tree, string origin, CancellationToken cancellation)
    {
        if (!tree.Nar.Hash.Equals(info.NarHash) || (info.NarSize != 0 && tree.Nar.Size != info.NarSize))
        {
            throw TransferErrors.NarHashMismatch(info, tree.Nar, _directory, origin);
        }

        // A signature does not cover the content address, and collectors and builders believe it: it is proved or refused.
        if (!ContentAddressHash.IsProved(info, _paths, tree.Directory, tree.Name, cancellation))
        {
            throw TransferErrors.ContentAddressMismatch(info, _directory, origin);
        }
    }
}
