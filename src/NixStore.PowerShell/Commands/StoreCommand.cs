using System.Management.Automation;
using NixStore.Engine.Stores;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>The base of every cmdlet that works on a store: what <see cref="ModuleCommand"/> has, and <c>-Store</c>.</summary>
public abstract class StoreCommand : ModuleCommand
{
    /// <summary>Which store: a Nix store URL or a directory. Default: the one Nix itself would use.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(StoreCompleter))]
    public virtual string? Store { get; set; }

    /// <summary>The store that <see cref="Store"/> names for this record. Relative directories count from PowerShell's location.</summary>
    /// <exception cref="NixStoreException">InvalidStoreUrl, StoreNotLocal, InvalidStoreDirectory, InvalidNixConfiguration</exception>
    protected virtual StoreLocation LocateStore() => StoreLocator.Locate(Store is null ? null : ToStoreText(Store));

    /// <summary>A store URL as it is; a relative directory made absolute, counted from PowerShell's location.</summary>
    protected string ToStoreText(string store)
        => store is ['.' or '~', ..] ? SessionState.Path.GetUnresolvedProviderPathFromPSPath(store) : store;
}
