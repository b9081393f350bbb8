namespace NixStore.Catalog.Pruning.Plans;

/// <summary>Errors of plans.</summary>
internal static class PlanErrors
{
    /// <summary>A plan is not as it was made.</summary>
    internal static NixStoreException Damaged(string directory, string what, Exception? inner = null) => new("PrunePlanDamaged", StoreErrorKind.InvalidData,
        $"The plan '{directory}' cannot be used: {what}.", directory, "Make it anew by New-BinaryCachePrunePlan, or take it from where it is whole.", inner);
}
