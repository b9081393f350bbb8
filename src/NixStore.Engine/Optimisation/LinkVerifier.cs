using NixStore.Engine.Native;

namespace NixStore.Engine.Optimisation;

/// <summary>
/// Proves entries of <c>.links</c> one after another. A bad one that no path shares is removed, unless nothing may be changed. Not
/// thread-safe: one for each worker.
/// </summary>
/// <param name="links">The links.</param>
/// <param name="mends">True to remove.</param>
/// <param name="failed">Told of each that is bad. From this worker's thread.</param>
internal sealed unsafe class LinkVerifier(LinksDirectory links, bool mends, Action<NixStoreException> failed) : IDisposable
{
    private readonly LinkProof _proof = new();

    /// <summary>What was found.</summary>
    internal OptimisationCounts Counts { get; } = new();

    /// <summary>Proves an entry, given NUL-terminated.</summary>
    /// <exception cref="OperationCanceledException"/>
    internal void Verify(byte[] name, CancellationToken cancellation)
    {
        try
        {
            // Gone since the directory was read: a collector's business.
            if (Posix.TryStatusAt(links.Directory!, name, out var status, out var error))
            {
                Verify(name, status, cancellation);
            }
            else if (error != Errno.NoEntry)
            {
                failed(new StoreIOException("stat", links.Directory!.Combine(name), error));
            }
        }
        catch (StoreIOException error)
        {
            failed(error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _proof.Dispose();

    private void Verify(byte[] name, in FileStatus status, CancellationToken cancellation)
    {
        var digits = ByteName.Trim(name);
        fixed (byte* pointer = name)
        {
            if (digits.Length == LinkName.Length && _proof.Holds(links.Directory!, pointer, status, digits, cancellation))
            {
                links.Inodes.Add(status.Inode, isProved: true);
                return;
            }
        }

        var isDirectory = status.Type == FileType.Directory;
        var others = isDirectory ? 0 : status.LinkCount - 1;
        var isMended = mends && !isDirectory && others == 0;
        if (isMended)
        {
            Posix.UnlinkAt(links.Directory!, name);
        }

        Counts.BadLinks++;
        Counts.BadLinksMended += isMended ? 1 : 0;
        failed(OptimisationErrors.LinkCorrupt(links.Directory!.Combine(name), others, isMended));
    }
}
