using System.Management.Automation;
using NixStore.Engine.Overlay;
using NixStore.Engine.Overlay.Mounting;

namespace NixStore.PowerShell.Commands;

/// <summary>Mount-OverlayStore: mounts the layers as Nix's check wants them.</summary>
[Cmdlet(VerbsData.Mount, "OverlayStore", SupportsShouldProcess = true)]
[OutputType(typeof(OverlayStore))]
public sealed class MountOverlayStoreCommand : OverlayStoreCommand
{
    /// <summary>The kernel's scratch directory.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? WorkDirectory { get; set; }

    /// <summary>Have the kernel look at the layers again when it is mounted already.</summary>
    [Parameter]
    public SwitchParameter Remount { get; set; }

    /// <summary>Give the store.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var store = LocateOverlay();
        if (!OverlayMounter.IsMounted(store))
        {
            if (ShouldProcess(store.RealDirectory, $"Mount the layers of {store.Url}"))
            {
                OverlayMounter.Mount(store, WorkDirectory is null ? null : GetUnresolvedProviderPathFromPSPath(WorkDirectory));
            }
        }
        else if (Remount && ShouldProcess(store.RealDirectory, $"Remount the layers of {store.Url}"))
        {
            OverlayMounter.Remount(store);
        }

        if (PassThru)
        {
            WriteObject(OverlayStoreFactory.Create(store));
        }
    }
}
