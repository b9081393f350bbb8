using System.Management.Automation;
using NixStore.Engine.Overlay;
using NixStore.Engine.Overlay.Mounting;

namespace NixStore.PowerShell.Commands;

/// <summary>Dismount-OverlayStore: takes the mount away; layers and database stay.</summary>
[Cmdlet(VerbsData.Dismount, "OverlayStore", SupportsShouldProcess = true)]
[OutputType(typeof(OverlayStore))]
public sealed class DismountOverlayStoreCommand : OverlayStoreCommand
{
    /// <summary>Take it out of sight though it is in use; it goes when nobody uses it any more.</summary>
    [Parameter]
    public SwitchParameter Lazy { get; set; }

    /// <summary>Give the store.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var store = LocateOverlay();
        if (OverlayMounter.IsToDismount(store) && ShouldProcess(store.RealDirectory, $"Unmount the layers of {store.Url}"))
        {
            OverlayMounter.Dismount(store, Lazy);
        }

        if (PassThru)
        {
            WriteObject(OverlayStoreFactory.Create(store));
        }
    }
}
