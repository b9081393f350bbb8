using NixStore.Engine.Liveness;
using NixStore.Engine.Native;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Examination;

/// <summary>
/// Rows against the names in the store directory (NIX-ON-DAMAGE, cases a, b, e, h6, h10). The directory is read first: what is added meanwhile
/// has files before it has a row.
/// </summary>
internal sealed class PresenceCheck : IDatabaseCheck
{
    /// <summary>So few entries may have no row without any suspicion: an interrupted download leaves that many.</summary>
    private const int Unsuspicious = 10;

    /// <inheritdoc/>
    public string Subject => "rows against files";

    /// <inheritdoc/>
    public IEnumerable<StoreDatabaseFinding> Run(ExaminedStore examined)
    {
        var index = StoreDirectoryIndex.Read(examined.Store);
        var (rows, absent, gap) = FindAbsent(examined, index);
        var missing = absent.ConvertAll(row => Look(examined, row)).FindAll(finding => finding is not null);
        if (rows > 0 && missing.Count == rows)
        {
            yield return examined.Found(StoreDatabaseFindingKind.StoreDirectoryEmpty,
                $"none of the {rows} registered paths is in '{examined.Store.RealDirectory}'");
            yield break;
        }

        foreach (var finding in missing)
        {
            yield return finding!;
        }

        if (gap is not null)
        {
            yield return examined.NotChecked("files without a row", $"what has no row cannot be told, as {gap}", "ValidPaths");
            yield break;
        }

        var unregistered = index.ReadUnasked().ConvertAll(name => new UnregisteredEntry(name, FileType.Unknown));
        var forgotten = unregistered.Count(entry => entry.Kind == StoreGarbageKind.Unregistered);
        var present = rows - missing.Count;
        if (forgotten > Unsuspicious && forgotten > present)
        {
            yield return examined.Found(StoreDatabaseFindingKind.PathsForgotten,
                $"the database knows {present} of the {present + forgotten} paths in '{examined.Store.RealDirectory}'");
        }

        foreach (var entry in unregistered)
        {
            yield return Describe(examined, entry);
        }
    }

    /// <summary>Rows whose name the directory did not have; what is no path of the store has none to look for.</summary>
    private static (int Rows, List<(long Id, StorePath Path)> Absent, ScanGap? Gap) FindAbsent(ExaminedStore examined, StoreDirectoryIndex index)
        => examined.Read(connection =>
        {
            var rows = 0;
            var absent = new List<(long, StorePath)>();
            var gap = TableScan.Run(connection, "ValidPaths", "path", row =>
            {
                if (examined.Store.Directory.TryParse(row.Text(1), out var path))
                {
                    rows++;
                    if (!index.Contains(path.BaseName))
                    {
                        absent.Add((row.Int64(0), path));
                    }
                }
            }, examined.Cancellation);
            return (rows, absent, gap);
        });

    /// <summary>Looks once more, for what came after the directory was read; null when it is there by now.</summary>
    private static StoreDatabaseFinding? Look(ExaminedStore examined, (long Id, StorePath Path) row)
    {
        var path = examined.Store.Directory.Print(row.Path);
        return Posix.TryStatus(examined.Store.RealPathOf(row.Path), out _, out var error) ? null
            : examined.Found(
                StoreDatabaseFindingKind.RowWithoutFiles,
                error is Errno.NoEntry or Errno.NotDirectory ? "registered, but not on disk"
                    : new StoreIOException("look at", examined.Store.RealPathOf(row.Path), error).Message,
                "ValidPaths", row.Id, path);
    }

    private static StoreDatabaseFinding Describe(ExaminedStore examined, UnregisteredEntry entry)
    {
        var detail = entry switch
        {
            { SavedPath: { } saved } => $"an interrupted repair by Nix has put the contents of {saved} here",
            { Kind: StoreGarbageKind.Unregistered } => "on disk, but not registered",
            { Kind: StoreGarbageKind.Leftover } => "left over by a build, an import or a repair that is at work or was interrupted",
            _ => "not a store path, and nothing that Nix makes",
        };
        return examined.Found(StoreDatabaseFindingKind.FilesWithoutRow, detail, path: $"{examined.Store.Directory.Path}/{entry.Text}");
    }
}
