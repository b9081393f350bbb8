namespace NixStore.Catalog.Pruning.Applying;

/// <summary>What is due next of a plan.</summary>
public enum PruneStep
{
    /// <summary>Nothing before a certain time.</summary>
    Wait,
    /// <summary>What is in the cache by now is compared with the plan.</summary>
    Reconcile,
    /// <summary>Narinfos, and what belongs to them, go.</summary>
    NarInfos,
    /// <summary>Rows of Hydra's database go.</summary>
    HydraRows,
    /// <summary>NARs go.</summary>
    Nars,
    /// <summary>It is seen whether the bucket's lifecycle has taken what has a tag.</summary>
    Expire,
    /// <summary>The plan is through; with -Mode Delete the trash goes.</summary>
    Settle,
    /// <summary>There is nothing left to do.</summary>
    Finished,
}
