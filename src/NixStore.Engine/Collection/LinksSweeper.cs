using NixStore.Engine.Liveness;
using NixStore.Engine.Native;

namespace NixStore.Engine.Collection;

/// <summary>Removes entries of .links. One that an optimisation has found a use for meanwhile stays.</summary>
internal static class LinksSweeper
{
    /// <summary>Removes entries that no path shares; gives those that are gone now, in the order given.</summary>
    /// <param name="store">The open, writable store directory.</param>
    /// <param name="links">Which.</param>
    /// <param name="workers">How many at once.</param>
    /// <param name="failed">Gets each error, from any worker.</param>
    internal static IReadOnlyList<GarbageItem> Remove(
        FileDescriptor store, IReadOnlyCollection<GarbageItem> links, int workers, Action<GarbageItem, StoreIOException> failed)
    {
        using var directory = Posix.OpenAt(store, ".links\0"u8, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow);
        return [.. links.AsParallel().AsOrdered().WithDegreeOfParallelism(workers).Where(IsRemoved)];

        bool IsRemoved(GarbageItem link)
        {
            try
            {
                if (!Posix.TryStatusAt(directory, link.FileName, out var status, out _) || status.LinkCount != 1)
                {
                    return false;
                }

                Posix.UnlinkAt(directory, link.FileName);
                return true;
            }
            catch (StoreIOException error)
            {
                failed(link, error);
                return false;
            }
        }
    }
}
