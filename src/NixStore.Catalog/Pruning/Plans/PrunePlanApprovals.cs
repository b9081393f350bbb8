namespace NixStore.Catalog.Pruning.Plans;

/// <summary>Agreeing to plans. An approval is for the plan as it is: its digest is in it.</summary>
public static class PrunePlanApprovals
{
    /// <summary>Adds an approval; the files of the plan are read and compared with their digests before.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="by">Who agrees.</param>
    /// <param name="at">When.</param>
    /// <param name="comment">What is said to it; null = nothing.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">PrunePlanDamaged; errors of writing.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static PrunePlan Approve(PrunePlan plan, string by, DateTimeOffset at, string? comment, CancellationToken cancellation = default)
    {
        plan.Verify(cancellation);

        // As it is now: somebody else may have approved it meanwhile.
        var summary = PrunePlanFile.Read(plan.Directory);
        if (summary.Digest != plan.Summary.Digest)
        {
            throw PlanErrors.Damaged(plan.Directory, "it has become another plan meanwhile");
        }

        PrunePlanFile.Write(plan.Directory, summary with { Approvals = [.. summary.Approvals, new PrunePlanApproval(by, at, summary.Digest, comment)] });
        return PrunePlan.Open(plan.Directory);
    }
}
