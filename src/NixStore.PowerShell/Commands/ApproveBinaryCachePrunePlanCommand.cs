using System.Management.Automation;
using NixStore.Catalog.Pruning.Plans;

namespace NixStore.PowerShell.Commands;

/// <summary>Approve-BinaryCachePrunePlan: says in a plan that somebody has looked at it and agrees.</summary>
[Cmdlet(VerbsLifecycle.Approve, "BinaryCachePrunePlan", SupportsShouldProcess = true)]
[OutputType(typeof(BinaryCachePrunePlan))]
public sealed class ApproveBinaryCachePrunePlanCommand : ModuleCommand
{
    /// <summary>The plan, or its folder.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [PrunePlanFolder]
    public string Plan { get; set; } = "";

    /// <summary>Who agrees. Default: user and machine.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string By { get; set; } = $"{Environment.UserName}@{Environment.MachineName}";

    /// <summary>What is said to it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Comment { get; set; }

    /// <summary>Give the plan.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var plan = PrunePlan.Open(SessionState.Path.GetUnresolvedProviderPathFromPSPath(Plan));
        if (!ShouldProcess($"{plan.Summary} ({plan.Directory})", "Approve"))
        {
            return;
        }

        Pump<BinaryCachePrunePlan>((emit, stop) => emit(PrunePlanApprovals.Approve(plan, By, DateTimeOffset.UtcNow, Comment, stop).Summary), Write);
    }

    private void Write(BinaryCachePrunePlan plan)
    {
        if (PassThru)
        {
            WriteObject(plan);
        }
    }
}
