using NixStore.Engine.Native;

namespace NixStore.Engine.Locks;

/// <summary>What all of Nix's lock files have in common: BSD locks, mode 0600 (GC-SPEC §1; Nix libstore/unix/pathlocks.cc).</summary>
internal static class LockFile
{
    /// <summary>0600.</summary>
    internal const int Mode = 0x180;

    private static readonly TimeSpan s_longestPause = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Waits for a lock. Polling, not a blocking flock(2): that could be interrupted by no cancellation and no time-out.
    /// </summary>
    /// <exception cref="NixStoreException">StoreLocked</exception>
    /// <exception cref="OperationCanceledException"/>
    internal static void Wait(FileDescriptor file, LockMode mode, TimeSpan timeout, CancellationToken cancellation, string holder)
    {
        var start = Environment.TickCount64;
        var pause = TimeSpan.FromMilliseconds(1);
        while (!Posix.TryFlock(file, mode))
        {
            cancellation.ThrowIfCancellationRequested();
            if (timeout >= TimeSpan.Zero && Environment.TickCount64 - start > timeout.TotalMilliseconds)
            {
                throw new NixStoreException("StoreLocked", StoreErrorKind.Busy,
                    $"'{file.Path}' could not be locked within {timeout.TotalSeconds:0} seconds: {holder}.", file.Path,
                    "Wait for the running Nix operation to end (fuser or lsof on the lock file names it), then run the command again.");
            }

            cancellation.WaitHandle.WaitOne(pause);
            pause = pause * 2 > s_longestPause ? s_longestPause : pause * 2;
        }
    }
}
