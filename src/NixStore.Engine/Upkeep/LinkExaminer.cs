using NixStore.Engine.Native;
using NixStore.Engine.Optimisation;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Upkeep;

/// <summary>Looks at entries of <c>.links</c> one after another. Not thread-safe: one for each worker.</summary>
/// <param name="store">The store.</param>
/// <param name="links">The open directory.</param>
/// <param name="owner">Who must own them.</param>
/// <param name="checksContents">True to read them. Empty ones, which power losses leave, cost nothing and are always read.</param>
internal sealed unsafe class LinkExaminer(StoreLocation store, FileDescriptor links, uint owner, bool checksContents) : IDisposable
{
    private const int ReadOnlyFile = 0b100_100_100;
    private const int ReadOnlyProgram = 0b101_101_101;
    private readonly LinkProof _proof = new();

    /// <summary>Entries that no path shares, with which nothing else is wrong.</summary>
    internal int UnusedCount { get; private set; }

    /// <summary>The disk space that these take, in bytes.</summary>
    internal long UnusedBytes { get; private set; }

    /// <summary>What is wrong with an entry, given NUL-terminated; null when nothing is, or it is gone.</summary>
    /// <exception cref="OperationCanceledException"/>
    internal StoreFinding? Examine(byte[] name, CancellationToken cancellation)
    {
        if (!Posix.TryStatusAt(links, name, out var status, out var error))
        {
            return error == Errno.NoEntry ? null
                : Finding("LinkUnreadable", StoreFindingSeverity.Error, name, new StoreIOException("stat", links.Combine(name), error).Message);
        }

        if (status.Type is not (FileType.Regular or FileType.SymbolicLink))
        {
            return Finding("LinkNotAFile", StoreFindingSeverity.Error, name,
                $"'{links.Combine(name)}' is neither a file nor a symbolic link: Nix's verification ends there, before it has looked at any path");
        }

        if (!IsLinkName(ByteName.Trim(name)))
        {
            return Finding("LinkNameInvalid", StoreFindingSeverity.Warning, name, $"'{links.Combine(name)}' is not called by a hash: {Sharing(status)}");
        }

        if ((checksContents || status.Size == 0) && FindInContents(name, status, cancellation) is { } wrong)
        {
            return wrong;
        }

        if (status.Owner != owner || (status.Type == FileType.Regular && status.Mode is not (ReadOnlyFile or ReadOnlyProgram)))
        {
            return Finding("LinkMetadataWrong", StoreFindingSeverity.Warning, name,
                $"'{links.Combine(name)}' has mode {Convert.ToString(status.Mode, 8)} and belongs to user {status.Owner}: {Sharing(status)}");
        }

        if (status.LinkCount == 1)
        {
            UnusedCount++;
            UnusedBytes += status.AllocatedBytes;
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => _proof.Dispose();

    private static bool IsLinkName(ReadOnlySpan<byte> name) => name.Length == LinkName.Length && !name.ContainsAnyExcept("0123456789abcdfghijklmnpqrsvwxyz"u8);

    private static string Sharing(in FileStatus status)
        => status.LinkCount == 1 ? "no path shares it" : $"{status.LinkCount - 1} other names share it, in store paths that are damaged with it";

    private StoreFinding? FindInContents(byte[] name, in FileStatus status, CancellationToken cancellation)
    {
        try
        {
            fixed (byte* pointer = name)
            {
                return _proof.Holds(links, pointer, status, ByteName.Trim(name), cancellation) ? null
                    : Finding("LinkCorrupt", StoreFindingSeverity.Error, name,
                        $"'{links.Combine(name)}' does not hold what its name says: {Sharing(status)}, and Nix's optimisation would put it in the place of good files of its size");
            }
        }
        catch (StoreIOException error)
        {
            return error.ErrorNumber == Errno.NoEntry ? null : Finding("LinkUnreadable", StoreFindingSeverity.Error, name, error.Message, error.Remedy);
        }
    }

    private StoreFinding Finding(string kind, StoreFindingSeverity severity, ReadOnlySpan<byte> name, string detail, string? remedy = null) => new()
    {
        Store = store.Url,
        Area = StoreFindingArea.Link,
        Kind = kind,
        Severity = severity,
        Path = links.Combine(name),
        Detail = detail,
        Remedy = remedy ?? "Repair-NixStore takes it away, after it has repaired the paths that share it.",
    };
}
