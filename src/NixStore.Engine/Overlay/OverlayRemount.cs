using System.ComponentModel;
using System.Diagnostics;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay;

/// <summary>
/// Remounts an overlay whose upper layer was changed behind the kernel's back: until then directories may read as empty and files be stale.
/// </summary>
internal static class OverlayRemount
{
    /// <summary>Remounts by mount(2), or where that is not permitted by the store's own hook, as Nix does.</summary>
    /// <returns>OverlayNotRemounted when neither was possible; null when it is done, or nothing is mounted.</returns>
    internal static NixStoreException? TryRun(StoreLocation store)
    {
        try
        {
            if (OverlayMount.IsMounted(store))
            {
                OverlayMount.Remount(store);
            }

            return null;
        }
        catch (StoreIOException error)
        {
            return store.Overlay!.RemountHook is { } hook ? RunHook(store, hook) : Failed(store, error.Message, error);
        }
    }

    /// <summary>Runs the hook, which gets the mount point as its argument (Nix libstore/local-overlay-store.cc:remountIfNecessary).</summary>
    internal static NixStoreException? RunHook(StoreLocation store, string hook)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(hook, [store.RealDirectory]) { UseShellExecute = false, RedirectStandardError = true })!;
            var message = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : Failed(store, $"'{hook}' ended with {process.ExitCode}: {message.Trim()}", null);
        }
        catch (Win32Exception error)
        {
            return Failed(store, $"'{hook}' cannot be run: {error.Message}", error);
        }
    }

    /// <summary>The error that says why it was not remounted.</summary>
    internal static NixStoreException Failed(StoreLocation store, string why, Exception? inner) => new(
        "OverlayNotRemounted", StoreErrorKind.WriteError,
        $"The overlay at '{store.RealDirectory}' needs to be remounted, and is not: {why}", store.RealDirectory,
        $"As root, where it is mounted: mount -o remount {store.RealDirectory}; or give the store a remount-hook that may do so.", inner);
}
