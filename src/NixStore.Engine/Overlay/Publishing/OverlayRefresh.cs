using System.Diagnostics;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay.Publishing;

/// <summary>
/// Makes the kernel look anew at layers that were changed under a mounted overlay: it remembers what is where, and also that a name is nowhere
/// (NIX-ON-DAMAGE, E6 and E7b; observed: a path that was looked for before it was published stays invisible until then).
/// </summary>
internal static class OverlayRefresh
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    /// <summary>Remounts the overlay of a store; where it is not mounted in this namespace, by its remount hook.</summary>
    /// <param name="store">The overlay store.</param>
    /// <returns>What keeps the old state from being forgotten; null when nothing does.</returns>
    internal static NixStoreException? Refresh(StoreLocation store)
    {
        try
        {
            if (OverlayMount.IsMounted(store))
            {
                OverlayMount.Remount(store);
                return null;
            }
        }
        catch (StoreIOException error)
        {
            return store.Overlay!.RemountHook is null ? OverlayErrors.RemountNeeded(store, error.Message) : RunHook(store);
        }

        return FindUser(store) is not { } process ? null
            : store.Overlay!.RemountHook is null
                ? OverlayErrors.RemountNeeded(store, $"it is mounted in the mount namespace of process {process}, and there is no remount hook")
                : RunHook(store);
    }

    /// <summary>Remounts all other overlays of this namespace on the same lower store: what is new there they may have remembered as absent.</summary>
    /// <param name="store">An overlay store.</param>
    internal static IEnumerable<NixStoreException> RefreshOthers(StoreLocation store)
    {
        var lower = store.Overlay!.Lower.RealDirectory;
        var mounts = MountLine.ReadAll();
        foreach (var mount in mounts.Where(mount => mount.Type == "overlay" && mount.Point != store.RealDirectory
            && mount.ValuesOf("lowerdir").SelectMany(layers => layers.Split(':')).Contains(lower)
            && ReferenceEquals(mounts.Last(other => other.Point == mount.Point), mount)))
        {
            NixStoreException? failure = null;
            try
            {
                OverlayMount.Remount(mount.Point);
            }
            catch (StoreIOException error)
            {
                failure = error;
            }

            if (failure is not null)
            {
                yield return failure;
            }
        }
    }

    private static int? FindUser(StoreLocation store)
    {
        using var upper = Posix.TryOpenAt(
            FileDescriptor.WorkingDirectory, ByteName.From(store.Overlay!.UpperLayer), OpenFlags.ReadOnly | OpenFlags.Directory, 0, out _);
        return upper is null ? null : UpperLayerUse.FindProcess(upper);
    }

    /// <summary>As Nix does it: the program gets the mount point as its argument (Nix libstore/local-overlay-store.cc:remountIfNecessary).</summary>
    private static NixStoreException? RunHook(StoreLocation store)
    {
        var hook = store.Overlay!.RemountHook!;
        try
        {
            using var process = Process.Start(new ProcessStartInfo(hook, [store.RealDirectory])
            {
                RedirectStandardOutput = true,
                RedirectStandardInput = true,
                RedirectStandardError = true,
            })!;
            process.StandardInput.Close();
            _ = process.StandardOutput.ReadToEndAsync();
            var said = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(s_patience))
            {
                process.Kill();
                return OverlayErrors.RemountNeeded(store, $"the remount hook '{hook}' did not end within {s_patience.TotalSeconds:0} seconds");
            }

            return process.ExitCode == 0 ? null
                : OverlayErrors.RemountNeeded(store, $"the remount hook '{hook}' ended with {process.ExitCode}: {said.Result.Trim()}");
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            return OverlayErrors.RemountNeeded(store, $"the remount hook '{hook}' cannot be run: {error.Message}");
        }
    }
}
