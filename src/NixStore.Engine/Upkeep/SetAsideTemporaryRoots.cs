using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Upkeep;

/// <summary>
/// Moves a file out of <c>temproots</c> whose name ends the collections of Nix before 2.36 (NIX-ON-DAMAGE, case k5), unless a living process
/// holds it.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="name">Its name, NUL-terminated.</param>
internal sealed class SetAsideTemporaryRoots(StoreLocation store, byte[] name) : UpkeepMend(
    StoreRepairStepKind.MendRoot, $"{store.StateDirectory}/temproots/{ByteName.ToDisplay(name)}",
    $"set aside '{store.StateDirectory}/temproots/{ByteName.ToDisplay(name)}', which nobody holds")
{
    /// <inheritdoc/>
    internal override void Apply(MendedStore store, CancellationToken cancellation)
    {
        using var directory = Posix.Open($"{store.Location.StateDirectory}/temproots", OpenFlags.ReadOnly | OpenFlags.Directory);
        using var file = Posix.TryOpenAt(directory, name, OpenFlags.ReadWrite | OpenFlags.NoFollow | OpenFlags.NonBlocking, 0, out var error);
        if (file is null)
        {
            if (error == Errno.NoEntry)
            {
                return;
            }

            throw new StoreIOException("open", directory.Combine(name), error);
        }

        if (!Posix.TryFlock(file, LockMode.Exclusive))
        {
            throw new NixStoreException("TemporaryRootsInUse", StoreErrorKind.Busy, $"'{file.Path}' is held by a running process.", file.Path,
                "Let the process end (lsof or fuser names it), then run the command again.");
        }

        // Who has opened it and waits for the lock believes it to be in its place, unless there is something in it: as collectors mark what
        // they have unlinked (GC-SPEC §2), before it goes.
        if (Posix.Status(file) is { Type: FileType.Regular, Size: 0 })
        {
            Posix.WriteAll(file, "d"u8);
        }

        store.SetAside(directory, name);
    }
}
