namespace NixStore;

/// <summary>What has become of a step of a repair.</summary>
public enum StoreRepairStepOutcome
{
    /// <summary>It is only planned.</summary>
    Planned,
    /// <summary>It was done.</summary>
    Done,
    /// <summary>It could not be done; everything is as it was before it.</summary>
    Failed,
}
