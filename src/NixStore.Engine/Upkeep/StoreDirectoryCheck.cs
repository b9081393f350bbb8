using System.Text;
using NixStore.Engine.Native;

namespace NixStore.Engine.Upkeep;

/// <summary>The store directory itself: missing, or without a single path although there are registered ones (NIX-ON-DAMAGE, case b4).</summary>
internal sealed class StoreDirectoryCheck : IUpkeepCheck
{
    private const string Remedy = "Mount the file system with the store. Do not run nix-store --verify before that: it would drop every row.";

    /// <inheritdoc/>
    public StoreFindingArea Area => StoreFindingArea.Disk;

    /// <inheritdoc/>
    public string Subject => "the store directory";

    /// <inheritdoc/>
    public void Run(UpkeptStore store, Action<UpkeepFault> found)
    {
        var path = store.Location.RealDirectory;
        using var directory = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(path),
            OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime, 0, out var error);
        if (directory is null)
        {
            found(error is Errno.NoEntry or Errno.NotDirectory
                ? new UpkeepFault(store.Finding(Area, "StoreDirectoryMissing", StoreFindingSeverity.Error, path, $"there is no directory '{path}'", Remedy))
                : throw new StoreIOException("open", path, error));
        }
        else if (!HasPath(directory) && store.HasRegisteredPaths)
        {
            found(new UpkeepFault(store.Finding(Area, "StoreDirectoryEmpty", StoreFindingSeverity.Error, path,
                $"not one path is in '{path}', although there are registered ones", Remedy)));
        }
    }

    private static bool HasPath(FileDescriptor directory)
    {
        using var entries = new DirectoryEntries(directory);
        while (entries.MoveNext())
        {
            if (StorePath.TryParse(Encoding.UTF8.GetString(ByteName.Trim(entries.Name)), out _))
            {
                return true;
            }
        }

        return false;
    }
}
