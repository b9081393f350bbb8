using NixStore.Engine.Native;

namespace NixStore.Engine.Upkeep;

/// <summary>
/// Owners and modes of what Nix writes to. Everything belongs to whom the store directory belongs to: in a store of root's another owner could
/// change what all users run; in a store of a single user, what root has made by accident (sudo) is what Nix fails at.
/// </summary>
internal sealed class OwnershipCheck : IUpkeepCheck
{
    private const int OthersWrite = 0b000_000_010;
    private const int Sticky = 0b001_000_000_000;
    private const int OwnerReads = 0b100_000_000;
    private const int OwnerWrites = 0b010_000_000;
    private const int OwnerEnters = 0b001_000_000;

    private static readonly string[] s_names =
    [
        "", "/db", "/db/db.sqlite", "/db/db.sqlite-wal", "/db/db.sqlite-shm", "/db/db.sqlite-journal", "/db/schema", "/db/reserved", "/db/big-lock",
        "/gc.lock", "/gcroots", "/profiles", "/temproots", "/gc-socket",
    ];

    /// <inheritdoc/>
    public StoreFindingArea Area => StoreFindingArea.State;

    /// <inheritdoc/>
    public string Subject => "owners and modes";

    /// <inheritdoc/>
    public void Run(UpkeptStore store, Action<UpkeepFault> found)
    {
        if (store.Owner is not { } owner)
        {
            return;
        }

        foreach (var path in s_names.Select(name => store.Location.StateDirectory + name).Append(store.Location.LinksDirectory))
        {
            if (Posix.TryStatus(path, out var status, out _) && status.Type is FileType.Regular or FileType.Directory && Look(store, path, status, owner) is { } fault)
            {
                found(fault);
            }
        }
    }

    private UpkeepFault? Look(UpkeptStore store, string path, in FileStatus status, uint owner)
    {
        var needed = OwnerReads | OwnerWrites | (status.Type == FileType.Directory ? OwnerEnters : 0);
        var isOpen = (status.Mode & OthersWrite) != 0 && (status.Mode & Sticky) == 0;
        var mode = (status.Mode | needed) & (isOpen ? ~OthersWrite : ~0);
        var severity = owner == 0 ? StoreFindingSeverity.Warning : StoreFindingSeverity.Error;
        var (kind, detail) = status.Owner != owner ? ("StateOwnerWrong", $"'{path}' belongs to user {status.Owner}, but the store to user {owner}")
            : mode == status.Mode ? (null, null)
            : isOpen ? ("StateModeWrong", $"everybody may write to '{path}' (mode {Convert.ToString(status.Mode, 8)})")
            : ("StateModeWrong", $"its owner may not read and write '{path}' (mode {Convert.ToString(status.Mode, 8)})");
        return kind is null ? null : new UpkeepFault(
            store.Finding(Area, kind, severity, path, detail!, "Repair-NixStore, run as root, puts it right."),
            new SetPermissions(StoreRepairStepKind.MendState, path, owner, mode));
    }
}
