using System.Management.Automation;
using NixStore.Engine.Roots;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Remove-StoreRoot: links that are to keep their path no longer.</summary>
[Cmdlet(VerbsCommon.Remove, "StoreRoot", DefaultParameterSetName = InputObjectSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(void))]
public sealed class RemoveStoreRootCommand : StoreCommand
{
    private const string LinkSet = "Link";
    private const string InputObjectSet = "InputObject";
    private readonly OpenStores _stores = new();

    /// <summary>Roots of Get-StoreRoot.</summary>
    [Parameter(Mandatory = true, ParameterSetName = InputObjectSet, ValueFromPipeline = true)]
    [ValidateNotNull]
    public StoreRoot[]? InputObject { get; set; }

    /// <summary>The link, or the one below gcroots that points at it.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = LinkSet, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(StoreRootCompleter))]
    public string[]? Link { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var database = _stores.Open(LocateStore());
        var remover = new RootRemover(database.Store, database.IsRegistered);
        foreach (var root in InputObject ?? [])
        {
            Try(() => Remove(remover, root));
        }

        foreach (var link in Link ?? [])
        {
            Try(() => Remove(remover, remover.Find(GetUnresolvedProviderPathFromPSPath(link))));
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            _stores.Dispose();
        }
    }

    private void Remove(RootRemover remover, StoreRoot root)
    {
        if (RootRemover.Refusal(root) is { } refusal)
        {
            WriteError(refusal, root);
        }
        else if (ShouldProcess(root.ToString(), root.Stale ? "Remove the stale root" : "Remove the root"))
        {
            remover.Remove(root);
        }
    }
}
