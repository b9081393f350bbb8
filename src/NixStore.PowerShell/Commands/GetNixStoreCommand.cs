using System.Management.Automation;
using NixStore.Engine.Stores;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Get-NixStore: where a store is and how much is in it.</summary>
[Cmdlet(VerbsCommon.Get, "NixStore")]
[OutputType(typeof(NixStoreInfo))]
public sealed class GetNixStoreCommand : StoreCommand
{
    /// <inheritdoc/>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(StoreCompleter))]
    public override string? Store { get; set; }

    /// <inheritdoc/>
    protected override void Process() => WriteObject(StoreInspector.Inspect(LocateStore()));
}
