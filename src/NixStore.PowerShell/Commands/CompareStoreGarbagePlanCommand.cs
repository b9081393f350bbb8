using System.Management.Automation;
using NixStore.Engine.Planning;
using NixStore.PowerShell.Errors;

namespace NixStore.PowerShell.Commands;

/// <summary>Compare-StoreGarbagePlan: what happened between two plans. It works on plans alone, and needs no store.</summary>
[Cmdlet(VerbsData.Compare, "StoreGarbagePlan")]
[OutputType(typeof(StoreGarbagePlanDifference))]
public sealed class CompareStoreGarbagePlanCommand : PSCmdlet
{
    /// <summary>The earlier plan, or the file it was saved to.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [StoreGarbagePlan]
    public StoreGarbagePlan? ReferencePlan { get; set; }

    /// <summary>The later plan, or the file it was saved to.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [StoreGarbagePlan]
    public StoreGarbagePlan? DifferencePlan { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            WriteObject(PlanComparer.Compare(ReferencePlan!, DifferencePlan!), enumerateCollection: true);
        }
        catch (NixStoreException error)
        {
            WriteError(error.ToErrorRecord());
        }
    }
}
