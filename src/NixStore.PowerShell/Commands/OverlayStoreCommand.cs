using System.Management.Automation;
using NixStore.Engine.Overlay;
using NixStore.Engine.Stores;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>The base of the cmdlets that work on overlay stores: <c>-Store</c> may also be the directory that one was made in.</summary>
public abstract class OverlayStoreCommand : StoreCommand
{
    /// <summary>The overlay store: a URL, or the directory it was made in.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(OverlayStoreCompleter))]
    public override string? Store { get; set; }

    /// <summary>The overlay store that <see cref="Store"/> names.</summary>
    /// <exception cref="NixStoreException">NotAnOverlayStore, OverlayDescriptionInvalid, InvalidStoreUrl, StoreNotLocal</exception>
    private protected StoreLocation LocateOverlay() => OverlayLocator.Locate(Store is null ? null : ToStoreText(Store));
}
