using NixStore.Engine.Native;
using NixStore.Engine.Roots;

namespace NixStore.Engine.Upkeep;

/// <summary>Nix's lock files and the socket of its collector (GC-SPEC §1 and §3).</summary>
internal sealed class LockFileCheck : IUpkeepCheck
{
    /// <inheritdoc/>
    public StoreFindingArea Area => StoreFindingArea.State;

    /// <inheritdoc/>
    public string Subject => "locks and the collector's socket";

    /// <inheritdoc/>
    public void Run(UpkeptStore store, Action<UpkeepFault> found)
    {
        var state = store.Location.StateDirectory;
        LookAtLock(store, state, "gc.lock", found);
        LookAtLock(store, $"{state}/db", "big-lock", found);
        if (!Posix.TryStatus($"{state}/gc-socket", out var directory, out _))
        {
            return;
        }

        if (directory.Type != FileType.Directory)
        {
            found(InTheWay(store, state, "gc-socket", directory, "not a directory: no collection can begin"));
        }
        else if (Posix.TryStatus($"{state}/gc-socket/socket", out var socket, out _))
        {
            if (socket.Type == FileType.Directory)
            {
                found(InTheWay(store, $"{state}/gc-socket", "socket", socket, "a directory: no collection can begin"));
            }
            else if (!IsCollecting($"{state}/gc.lock"))
            {
                found(new UpkeepFault(store.Finding(Area, "CollectorSocketLeft", StoreFindingSeverity.Information, $"{state}/gc-socket/socket",
                    $"'{state}/gc-socket/socket' is left over from a collection, as after every one", "The next collection makes it anew.")));
            }
        }
    }

    private void LookAtLock(UpkeptStore store, string directory, string name, Action<UpkeepFault> found)
    {
        // A link or a pipe serves Nix as well as a file.
        if (Posix.TryStatus($"{directory}/{name}", out var status, out _) && status.Type is FileType.Directory or FileType.Socket)
        {
            found(InTheWay(store, directory, name, status, "not a file: Nix cannot lock it, and so cannot open the store"));
        }
    }

    private UpkeepFault InTheWay(UpkeptStore store, string directory, string name, in FileStatus status, string what) => new(
        store.Finding(Area, "StateInTheWay", StoreFindingSeverity.Error, $"{directory}/{name}", $"'{directory}/{name}' is {what}", "Repair-NixStore sets it aside."),
        new SetAside(StoreRepairStepKind.MendState, directory, ByteName.From(name), status));

    private static bool IsCollecting(string path)
    {
        using var file = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(path),
            OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NonBlocking | OpenFlags.NoAccessTime, 0, out var error);
        return file is not null ? TemporaryRootFiles.IsHeld(file) : error != Errno.NoEntry;
    }
}
