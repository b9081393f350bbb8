using System.Globalization;
using NixStore.Engine.Native;

namespace NixStore.Engine.Upkeep;

/// <summary>
/// Room left for files and for their number. On a full disk not even Nix's collection may be able to open the database (NIX-ON-DAMAGE, X5).
/// </summary>
internal sealed class SpaceCheck : IUpkeepCheck
{
    private const long MinimumBytes = 100L << 20;
    private const long LittleBytes = 1L << 30;
    private const long MinimumInodes = 1_000;
    private const long LittleInodes = 10_000;

    /// <inheritdoc/>
    public StoreFindingArea Area => StoreFindingArea.Disk;

    /// <inheritdoc/>
    public string Subject => "room left";

    /// <inheritdoc/>
    public void Run(UpkeptStore store, Action<UpkeepFault> found)
    {
        var seen = new HashSet<ulong>();
        foreach (var disk in StoreDisk.Of(store))
        {
            var status = Posix.FileSystemStatus(disk.Directory);
            if (status.IsReadOnly || !seen.Add(Posix.Status(disk.Directory).Device))
            {
                continue;
            }

            if (Judge(status.AvailableBytes, status.TotalBytes, MinimumBytes, LittleBytes) is { } bytes)
            {
                found(new UpkeepFault(store.Finding(Area, bytes == StoreFindingSeverity.Error ? "DiskFull" : "DiskNearlyFull", bytes, disk.Path,
                    $"{ByteSize.Format(status.AvailableBytes)} of {ByteSize.Format(status.TotalBytes)} are left where {disk.Holds} is",
                    "Get-StoreGarbage shows what could go; Invoke-StoreGarbageCollection deletes it.")));
            }

            if (Judge(status.AvailableInodes, status.TotalInodes, MinimumInodes, LittleInodes) is { } inodes)
            {
                found(new UpkeepFault(store.Finding(Area, inodes == StoreFindingSeverity.Error ? "InodesExhausted" : "InodesNearlyExhausted", inodes, disk.Path,
                    string.Create(CultureInfo.InvariantCulture, $"{status.AvailableInodes} of {status.TotalInodes} inodes are left where {disk.Holds} is"),
                    "Invoke-StoreGarbageCollection deletes files; Optimize-NixStore makes equal ones share an inode.")));
            }
        }
    }

    /// <summary>
    /// What is less than a hundredth and than the minimum is too little; less than a twentieth and than the second amount, little. File systems
    /// without a limit say that they have nothing in all.
    /// </summary>
    internal static StoreFindingSeverity? Judge(long available, long total, long minimum, long little)
        => total == 0 ? null
            : available < Math.Min(minimum, total / 100) || available == 0 ? StoreFindingSeverity.Error
            : available < Math.Min(little, total / 20) ? StoreFindingSeverity.Warning : null;
}
