using NixStore.Catalog.Hydra;
using NixStore.Catalog.Pruning.Objects;

namespace NixStore.Catalog.Pruning.Applying;

/// <summary>How a plan is applied.</summary>
public sealed record PruneOptions
{
    /// <summary>Address of the cache; null = as the plan says.</summary>
    public string? Cache { get; init; }

    /// <summary>What happens to the objects.</summary>
    public BinaryCachePruneMode Mode { get; init; }

    /// <summary>Where the trash is; null = in the cache.</summary>
    public string? TrashUrl { get; init; }

    /// <summary>How long after the narinfos the NARs go: longer than clients remember narinfos, and than any upload takes.</summary>
    public TimeSpan NarDelay { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long after the NARs the plan is through: longer than any upload takes.</summary>
    public TimeSpan SettleDelay { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The part of a wave that is taken and looked at before the rest.</summary>
    public double CanaryPercent { get; init; } = 1;

    /// <summary>What is not taken although it was tried several times stays in the cache for good, with all that it needs; otherwise each run tries it again.</summary>
    public bool SkipFailed { get; init; }

    /// <summary>
    /// A folder for the manifest and job of S3 Batch Operations, which then sets the tags; the job's report is waited for. Null = requests, also for what a
    /// job has left.
    /// </summary>
    public string? BatchManifest { get; init; }

    /// <summary>Tags are set also in a bucket that keeps no versions, where what the lifecycle takes is gone for good.</summary>
    public bool Force { get; init; }

    /// <summary>Hydra's database, whose rows of pruned paths are deleted; null = none.</summary>
    public HydraDatabase? Hydra { get; init; }

    /// <summary>How the server is asked.</summary>
    public ObjectAccess Access { get; init; } = new();
}
