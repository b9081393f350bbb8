using NixStore.Engine.Native;
using NixStore.Engine.Overlay.Mending;

namespace NixStore.Engine.Overlay.Examination;

/// <summary>What Nix needs besides the directories: experimental features, and a program that has the overlay remounted.</summary>
internal sealed class SettingsCheck : IOverlayCheck
{
    private const int AnyExecute = 0b001_001_001;

    /// <inheritdoc/>
    public string Subject => "the settings";

    /// <inheritdoc/>
    public void Run(ExaminedOverlay store, Action<OverlayFault> found)
    {
        CheckHook(store, found);
        foreach (var feature in OverlayStoreFactory.FeaturesOf(store.Store))
        {
            CheckFeature(store, feature, found);
        }
    }

    private static void CheckHook(ExaminedOverlay store, Action<OverlayFault> found)
    {
        const string cause = "After Nix has deleted something that both layers had, the overlay shows an empty directory until it is remounted.";
        var hook = store.Overlay.RemountHook;
        if (hook is null)
        {
            found(new OverlayFault(store.Finding(OverlayFindingKind.RemountHookNone, StoreFindingSeverity.Warning, null, "the URL has no remount-hook", cause,
                "Write a program that runs mount -o remount on its argument, and give it in the URL: remount-hook=FILE; New-OverlayStore does.")));
            return;
        }

        // What a name leads to, so a link to a program is as good.
        using var file = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(hook), OpenFlags.PathOnly, 0, out _);
        if (file is null)
        {
            found(new OverlayFault(
                store.Finding(OverlayFindingKind.RemountHookMissing, StoreFindingSeverity.Error, hook, $"the remount hook '{hook}' does not exist",
                    $"{cause} Nix fails when it cannot run the program.", "Repair-OverlayStore writes one."),
                new WriteRemountHook(hook)));
        }
        else if (Posix.Status(file) is var status && (status.Type != FileType.Regular || (status.Mode & AnyExecute) == 0))
        {
            found(new OverlayFault(
                store.Finding(OverlayFindingKind.RemountHookNotExecutable, StoreFindingSeverity.Error, hook, $"the remount hook '{hook}' is no program that can be run",
                    $"{cause} Nix fails when it cannot run the program.",
                    status.Type == FileType.Regular ? $"chmod +x '{hook}'; Repair-OverlayStore does." : "Put a program there."),
                status.Type == FileType.Regular ? new AllowRemountHook(hook) : null));
        }
    }

    private static void CheckFeature(ExaminedOverlay store, string feature, Action<OverlayFault> found)
    {
        var features = $"{store.Configuration.Get("experimental-features")} {store.Configuration.Get("extra-experimental-features")}"
            .Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (!features.Contains(feature))
        {
            found(new OverlayFault(store.Finding(OverlayFindingKind.FeatureDisabled, StoreFindingSeverity.Warning, null,
                $"the experimental feature {feature} of Nix is not switched on",
                $"Neither nix.conf nor NIX_CONFIG names it. Nix says: experimental Nix feature '{feature}' is disabled"
                    + (feature == OverlayStoreFactory.OverlayFeature ? "; 2.34 does without." : "."),
                $"Write into nix.conf: extra-experimental-features = {feature}")));
        }
    }
}
