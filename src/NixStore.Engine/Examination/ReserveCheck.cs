using NixStore.Engine.Native;

namespace NixStore.Engine.Examination;

/// <summary>
/// The file <c>reserved</c>: Nix deletes it when a collection finds the disk full, so that the database can be written
/// (Nix libstore/local-store.cc:LocalStore; NIX-ON-DAMAGE, X5).
/// </summary>
internal sealed class ReserveCheck : IDatabaseCheck
{
    /// <summary>With less than this, the reserve may be needed before Nix makes it anew.</summary>
    private const long LittleSpace = 64 << 20;

    /// <inheritdoc/>
    public string Subject => "the reserve for a full disk";

    /// <inheritdoc/>
    public IEnumerable<StoreDatabaseFinding> Run(ExaminedStore examined)
    {
        var directory = $"{examined.Store.StateDirectory}/db";
        var path = $"{directory}/reserved";
        if (Posix.TryStatus(path, out var status, out _) && status.Size > 0)
        {
            yield break;
        }

        using var db = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(directory),
            OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime, 0, out _);
        if (db is null)
        {
            yield break;
        }

        var available = Posix.FileSystemStatus(db).AvailableBytes;
        yield return examined.Found(
            StoreDatabaseFindingKind.ReserveMissing, $"there is no '{path}', and {ByteSize.Format(available)} are available on its file system",
            severity: available < LittleSpace ? StoreFindingSeverity.Warning : null);
    }
}
