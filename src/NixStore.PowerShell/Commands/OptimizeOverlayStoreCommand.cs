using System.Management.Automation;
using NixStore.Engine.Overlay.Publishing;

namespace NixStore.PowerShell.Commands;

/// <summary>Optimize-OverlayStore: removes from the upper layer what the lower store has, proved.</summary>
[Cmdlet(VerbsCommon.Optimize, "OverlayStore", SupportsShouldProcess = true)]
[OutputType(typeof(OverlayDuplicate))]
public sealed class OptimizeOverlayStoreCommand : OverlayStoreCommand
{
    /// <summary>How many paths are proved at once. Default: one for each processor.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = Environment.ProcessorCount;

    /// <inheritdoc/>
    protected override void Process()
    {
        var store = LocateOverlay();
        var optimiser = Keep(OverlayOptimiser.Open(store));
        IReadOnlyList<OverlayDuplicate> found = [];
        using (var progress = NewProgress("Proving lower copies"))
        {
            progress.Follow(new TransferStatus(optimiser.Progress).Ask);
            Pump((emit, stop) => found = optimiser.Find(null, ThrottleLimit, (_, error) => emit(() => WriteError(error)), stop), progress);
        }

        var approved = found.Where(Approve).Select(copy => store.Directory.Parse(copy.Path)).ToList();
        using (var progress = NewProgress("Removing upper copies"))
        {
            Pump((emit, stop) => optimiser.Remove(
                approved,
                copy => emit(() => WriteObject(copy)),
                (_, error) => emit(() => WriteError(error)),
                stop), progress);
        }
    }

    /// <summary>Who asks what would be gets an answer; who says no does not.</summary>
    private bool Approve(OverlayDuplicate copy)
    {
        const string action = "Remove the upper copy";
        if (ShouldProcess($"Performing the operation \"{action}\" on target \"{copy.Path}\".", $"{action} of {copy.Path}?", "Confirm", out var reason))
        {
            return true;
        }

        if (reason == ShouldProcessReason.WhatIf)
        {
            WriteObject(copy);
        }

        return false;
    }
}
