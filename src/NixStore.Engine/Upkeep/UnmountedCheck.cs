using NixStore.Engine.Native;
using NixStore.Engine.Roots;

namespace NixStore.Engine.Upkeep;

/// <summary>
/// File systems with the store or its state that should be mounted and are not (NIX-ON-DAMAGE, case b4): what looks like a lost store may
/// only be away.
/// </summary>
internal sealed class UnmountedCheck : IUpkeepCheck
{
    /// <inheritdoc/>
    public StoreFindingArea Area => StoreFindingArea.Disk;

    /// <inheritdoc/>
    public string Subject => "what should be mounted";

    /// <inheritdoc/>
    public void Run(UpkeptStore store, Action<UpkeepFault> found)
    {
        var prefix = LinkTree.PrefixOf(store.Location);
        if (prefix.Length > 0 && !Posix.TryStatus(prefix, out _, out _))
        {
            return;
        }

        using var tree = LinkTree.Of(store.Location);
        var mounted = MountTable.Read();
        var points = new[] { store.Location.RealDirectory, store.Location.StateDirectory }.SelectMany(path => WithParents(path[prefix.Length..]))
            .ToHashSet(StringComparer.Ordinal);
        var wanted = WantedMount.ReadTable(tree).Where(mount => points.Contains(mount.Point)).Concat(WantedMount.FindUnits(tree, points));
        foreach (var mount in wanted.DistinctBy(mount => mount.Point).Where(mount => !mounted.Has(prefix + mount.Point)))
        {
            var point = prefix + mount.Point;
            if (IsEmpty(point))
            {
                found(new UpkeepFault(store.Finding(Area, "FileSystemNotMounted", StoreFindingSeverity.Error, point,
                    $"nothing is mounted on '{point}', and nothing is in it, although {mount.Origin} says that something should be",
                    $"Mount it: {CommandFor(mount, prefix)}. Run neither Nix nor a repair before that: an empty store would be taken for a lost one.")));
            }
            else if (mount.IsAutomatic)
            {
                found(new UpkeepFault(store.Finding(Area, "FileSystemNotMounted", StoreFindingSeverity.Warning, point,
                    $"nothing is mounted on '{point}', although {mount.Origin} says that something should be; what is in it now would be hidden",
                    $"Find out which of the two is the store; mount the other one: {CommandFor(mount, prefix)}")));
            }
        }
    }

    private static string CommandFor(WantedMount mount, string prefix)
        => prefix.Length == 0 || mount.Source is null ? $"mount '{prefix}{mount.Point}'" : $"mount '{mount.Source}' '{prefix}{mount.Point}'";

    private static IEnumerable<string> WithParents(string path)
    {
        for (; path.Length > 1; path = path[..path.LastIndexOf('/')])
        {
            yield return path;
        }
    }

    private static bool IsEmpty(string path)
    {
        using var directory = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(path),
            OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime, 0, out var error);
        if (directory is null)
        {
            return error == Errno.NoEntry;
        }

        using var entries = new DirectoryEntries(directory);
        return !entries.MoveNext();
    }
}
