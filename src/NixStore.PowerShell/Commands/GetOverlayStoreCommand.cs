using System.Management.Automation;
using NixStore.Engine.Overlay;
using NixStore.Engine.Overlay.Mounting;

namespace NixStore.PowerShell.Commands;

/// <summary>Get-OverlayStore: overlay stores that can be seen, or one by its URL.</summary>
[Cmdlet(VerbsCommon.Get, "OverlayStore")]
[OutputType(typeof(OverlayStore))]
public sealed class GetOverlayStoreCommand : OverlayStoreCommand
{
    /// <inheritdoc/>
    protected override void Process()
    {
        if (Store is not null)
        {
            WriteObject(OverlayStoreFactory.Create(LocateOverlay()));
            return;
        }

        foreach (var store in OverlayFinder.Find(error => WriteError(error)))
        {
            Try(() => WriteObject(OverlayStoreFactory.Create(store)));
        }
    }
}
