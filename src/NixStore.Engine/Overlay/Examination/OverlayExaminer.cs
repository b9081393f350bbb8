using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay.Examination;

/// <summary>
/// Finds what is wrong with an overlay store: its mount (and what Nix's own check says of it), its directories, its settings, and where layers
/// and databases contradict each other. It changes nothing. Each family of checks is by itself (<see cref="IOverlayCheck"/>): where one cannot
/// be made, a finding says so and the others go on.
/// </summary>
public static class OverlayExaminer
{
    private static readonly IOverlayCheck[] s_checks =
    [
        new MountDiagnosis(), new DirectoryCheck(), new SettingsCheck(),
        new LogCheck(), new RowCheck(), new LayerCheck(), new StaleCheck(),
    ];

    /// <summary>Looks at a store.</summary>
    /// <param name="store">The overlay store.</param>
    /// <param name="options">What to look at.</param>
    /// <param name="found">Gets each finding when it is made.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NixStoreException">NotAnOverlayStore</exception>
    /// <exception cref="OperationCanceledException"/>
    public static void Examine(StoreLocation store, OverlayExaminationOptions options, Action<OverlayFinding> found, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(found);
        Look(store, options, fault => found(fault.Finding), cancellation);
    }

    /// <summary>As <see cref="Examine"/>, with what mends each. True when layers and rows may be mended (<see cref="ExaminedOverlay.CanBeMended"/>).</summary>
    internal static bool Look(StoreLocation store, OverlayExaminationOptions options, Action<OverlayFault> found, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(store);
        _ = OverlayLocator.LayersOf(store);
        var examined = new ExaminedOverlay(store, options, cancellation);
        foreach (var check in s_checks)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                check.Run(examined, found);
            }
            catch (NixStoreException error)
            {
                cancellation.ThrowIfCancellationRequested();
                found(new OverlayFault(examined.Finding(OverlayFindingKind.CheckFailed, StoreFindingSeverity.Warning, error.Target,
                    $"{check.Subject}: {error.Message}", "What cannot be read cannot be judged; the other checks were made.", error.Remedy)));
            }
        }

        return CanBeMended(examined);
    }

    private static bool CanBeMended(ExaminedOverlay store)
    {
        try
        {
            return store.CanBeMended;
        }
        catch (NixStoreException)
        {
            // What cannot be looked at was told already; nothing is changed on the word of it.
            return false;
        }
    }
}
