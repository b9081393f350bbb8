using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Repair;
using NixStore.Engine.Transfer;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Overlay.Publishing;

/// <summary>
/// Proves the contents of paths by their hash and makes them ready to be renamed into the lower store. Nothing here makes a path valid. Not
/// thread-safe: keep one for each worker.
/// </summary>
internal sealed class TreePublisher : IDisposable
{
    private readonly OpenLayers _layers;
    private readonly StagingDirectory _staging;
    private readonly DerivationOutputs _derivations;
    private readonly TransferProgress _progress;
    private readonly StorePathFactory _paths;
    private readonly NarHasher _hasher = new();
    private readonly TreeCopier _copier;
    private long _read;

    /// <param name="layers">The layers.</param>
    /// <param name="staging">A staging directory of the lower store.</param>
    /// <param name="derivations">Reads derivations.</param>
    /// <param name="progress">Counts bytes.</param>
    internal TreePublisher(OpenLayers layers, StagingDirectory staging, DerivationOutputs derivations, TransferProgress progress)
    {
        (_layers, _staging, _derivations, _progress) = (layers, staging, derivations, progress);
        _paths = new StorePathFactory(layers.Directory);
        _copier = new TreeCopier(Posix.EffectiveUserId == 0 ? layers.Lower.Owner : null, count =>
        {
            _read += count;
            _progress.AddBytes(count);
        });
    }

    /// <summary>Makes a path ready.</summary>
    /// <exception cref="NixStoreException">
    /// OverlayPathDiffers, OverlayPathModified, OverlayWhiteout, OverlayFilesMissing, ContentAddressMismatch, DerivationOutputMismatch, StoreLocked
    /// </exception>
    /// <exception cref="NarTreeException"/>
    /// <exception cref="StoreIOException"/>
    internal PublishedTree Prepare(ValidPathInfo info, CancellationToken cancellation)
    {
        _read = 0;
        var tree = Make(info, cancellation);
        _progress.AddBytes(Math.Max(info.NarSize - _read, 0));
        if (!ContentAddressHash.IsProved(info, _paths, tree.Directory, tree.Name, cancellation))
        {
            throw TransferErrors.ContentAddressMismatch(info, _layers.Directory, _layers.Overlay.Url);
        }

        return info.Path.IsDerivation ? tree with { Outputs = _derivations.Read(tree.Directory, tree.Name, info.Path) } : tree;
    }

    /// <summary>
    /// Proves what lies in the lower store without being registered: files that were copied by hand, or what is left of a publication that was
    /// killed. Whoever makes the path now holds its lock; the caller holds it too.
    /// </summary>
    /// <exception cref="NixStoreException">OverlayPathDiffers</exception>
    /// <exception cref="NarTreeException"/>
    /// <exception cref="StoreIOException"/>
    internal PublishedTree ProveLeftover(ValidPathInfo info, CancellationToken cancellation)
    {
        var name = ByteName.From(info.Path.BaseName);
        var hash = _hasher.HashTree(_layers.Lower.Directory, name, new MetadataMender(_layers.Lower.Owner), null, cancellation);
        return hash.Hash.Equals(info.NarHash) ? Ready(info, PublicationMethod.Registered, _layers.Lower.Directory, name, hash.Size)
            : throw OverlayErrors.Differs(_layers.Directory, info.Path, info.NarHash,
                $"the lower store has files by that name that are not registered, with the hash {hash.Hash}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _copier.Dispose();
        _hasher.Dispose();
    }

    private PublishedTree Make(ValidPathInfo info, CancellationToken cancellation)
    {
        var name = ByteName.From(info.Path.BaseName);
        if (OpenLayers.StatusIn(_layers.Lower.Directory, name) is not null)
        {
            using var _ = _layers.Lower.Protect(info.Path, cancellation);
            if (OpenLayers.StatusIn(_layers.Lower.Directory, name) is not null)
            {
                return ProveLeftover(info, cancellation);
            }
        }

        if (OpenLayers.StatusIn(_layers.Upper, name) is null)
        {
            throw OverlayErrors.FilesMissing(_layers.Directory, info.Path, _layers.Overlay.Url);
        }

        try
        {
            return Copy(info, name, cancellation);
        }
        catch (NarTreeException error) when (error.ErrorId == "UnsupportedFileType" && IsWhiteout(name, error.RelativePath, out var file))
        {
            throw OverlayErrors.Whiteout(_layers.Directory, info.Path, file);
        }
    }

    private PublishedTree Copy(ValidPathInfo info, byte[] name, CancellationToken cancellation)
    {
        var staged = _staging.NewName();
        _copier.Begin(_staging.Directory, staged);
        var hash = _hasher.HashTree(_layers.Upper, name, _copier, null, cancellation);
        _copier.End();
        if (!hash.Hash.Equals(info.NarHash))
        {
            throw OverlayErrors.Modified(_layers.Directory, info.Path, info.NarHash, hash.Hash);
        }

        return Ready(info, _copier.IsCloned ? PublicationMethod.Cloned : PublicationMethod.Copied, _staging.Directory, staged, hash.Size);
    }

    /// <summary>Registered now, by the size that was found; whatever else the overlay store knows of it goes with it.</summary>
    private static PublishedTree Ready(ValidPathInfo info, PublicationMethod method, FileDescriptor directory, byte[] name, long size)
        => new(info with { NarSize = size, RegistrationTime = null }, null, method, directory, name, Posix.StatusAt(directory, name));

    private bool IsWhiteout(byte[] name, ByteString relativePath, out string file)
    {
        byte[] path = relativePath.Span.IsEmpty ? name : [.. ByteName.Trim(name), (byte)'/', .. relativePath.Span, 0];
        file = _layers.Upper.Combine(path);
        return Posix.TryStatusAt(_layers.Upper, path, out var status, out _) && status.IsWhiteout;
    }
}
