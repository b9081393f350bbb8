using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Collection;

/// <summary>
/// <c>db/reserved</c>: space that is given up first, so that the database can be written on a full disk (GC-SPEC §5;
/// Nix libstore/local-store.cc, setting gc-reserved-space). The next Nix that opens the store makes it again.
/// </summary>
internal static class BallastFile
{
    /// <summary>With less room than this left it is given up.</summary>
    private const long Scarce = 64 << 20;

    /// <summary>Gives the space up where it is needed; before the database is opened, which itself may need it.</summary>
    /// <exception cref="StoreIOException"/>
    internal static void GiveUpIfScarce(StoreLocation store)
    {
        using var directory = Posix.TryOpenAt(
            FileDescriptor.WorkingDirectory, ByteName.From($"{store.StateDirectory}/db"), OpenFlags.ReadOnly | OpenFlags.Directory, 0, out _);
        var name = ByteName.From("reserved");
        if (directory is not null && Posix.FileSystemStatus(directory).AvailableBytes < Scarce && Posix.TryStatusAt(directory, name, out _, out _))
        {
            Posix.UnlinkAt(directory, name);
        }
    }
}
