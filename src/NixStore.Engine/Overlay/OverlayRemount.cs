using System.ComponentModel;
using System.Diagnostics;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay;

/// <summary>
/// Remounts overlays whose layers were changed behind the kernel's back: it remembers what is where, and also that a name is nowhere. Until then
/// directories may read as empty, files be stale, and new paths invisible (NIX-ON-DAMAGE, E6 and E7b).
/// </summary>
internal static class OverlayRemount
{
    /// <summary>
    /// Remounts a store by mount(2); where that is not permitted, or it is mounted in another mount namespace only, by its own hook, as Nix does.
    /// </summary>
    /// <returns>OverlayNotRemounted when that was not possible; null when it is done, or nobody has it mounted.</returns>
    internal static NixStoreException? TryRun(StoreLocation store)
    {
        var mount = OverlayMount.IsMounted(store) ? new LayerMount(store.RealDirectory, null)
            : LayerMounts.FindWriting(store.Overlay!.UpperLayer).FirstOrDefault();
        if (mount is null)
        {
            return null;
        }

        var refusal = mount.ProcessId is null ? TryMount(mount.Point) : null;
        return mount.ProcessId is null && refusal is null ? null
            : store.Overlay!.RemountHook is { } hook ? RunHook(store, hook)
            : Failed(store.RealDirectory, refusal?.Message ?? $"it is mounted {mount.Place}, and the store has no remount hook.", refusal);
    }

    /// <summary>Remounts all other overlays of this mount namespace on the same lower store: what is new there they may have remembered as absent.</summary>
    /// <returns>OverlayNotRemounted for each that could not be.</returns>
    /// <exception cref="StoreIOException"/>
    internal static IEnumerable<NixStoreException> TryRunOthers(StoreLocation store)
        => LayerMounts.FindReading(store.Overlay!.Lower.RealDirectory).Where(mount => mount.Point != store.RealDirectory)
            .Select(mount => TryMount(mount.Point) is { } refusal ? Failed(mount.Point, refusal.Message, refusal) : null).OfType<NixStoreException>();

    private static StoreIOException? TryMount(string point)
    {
        try
        {
            OverlayMount.Remount(point);
            return null;
        }
        catch (StoreIOException error)
        {
            return error;
        }
    }

    /// <summary>Runs the hook, which gets the mount point as its argument (Nix libstore/local-overlay-store.cc:remountIfNecessary).</summary>
    private static NixStoreException? RunHook(StoreLocation store, string hook)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(hook, [store.RealDirectory]) { UseShellExecute = false, RedirectStandardError = true })!;
            var message = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : Failed(store.RealDirectory, $"'{hook}' ended with {process.ExitCode}: {message.Trim()}", null);
        }
        catch (Win32Exception error)
        {
            return Failed(store.RealDirectory, $"'{hook}' cannot be run: {error.Message}", error);
        }
    }

    private static NixStoreException Failed(string point, string why, Exception? inner) => new(
        "OverlayNotRemounted", StoreErrorKind.WriteError,
        $"The overlay at '{point}' needs to be remounted, and is not: {why}", point,
        $"As root, where it is mounted: mount -o remount {point}; or give the store a remount-hook that may do so.", inner);
}
