using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Reports;

/// <summary>What a plan to prune the cache takes away, as the page reads it.</summary>
internal sealed record ReportPlan
{
    /// <summary>What it is called.</summary>
    public required string Id { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset Made { get; init; }

    /// <summary>Who has made it.</summary>
    public required string Author { get; init; }

    /// <summary>Who has approved it as it is; null when nobody has.</summary>
    public string? ApprovedBy { get; init; }

    /// <summary>True when somebody has to.</summary>
    public bool NeedsApproval { get; init; }

    /// <summary>False when the policy does not keep roots.</summary>
    public bool KeepsRoots { get; init; }

    /// <summary>Paths that go.</summary>
    public long Count { get; init; }

    /// <summary>Bytes of the objects that go.</summary>
    public long Size { get; init; }

    /// <summary>References that paths which stay lose.</summary>
    public long Dangling { get; init; }

    /// <summary>What storing it costs a month; null without a price list.</summary>
    public decimal? Cost { get; init; }

    /// <summary>Objects that go, by kind.</summary>
    public IReadOnlyList<ReportGroup> Kinds { get; init; } = [];

    /// <summary>Paths that go, by class; without a name what is of none.</summary>
    public IReadOnlyList<ReportPlanClass> Classes { get; init; } = [];

    /// <summary>Candidates that stay, by the reason.</summary>
    public IReadOnlyList<ReportCount> Kept { get; init; } = [];

    /// <summary>Reads a plan.</summary>
    /// <exception cref="NixStoreException">PrunePlanOfOtherCatalog</exception>
    internal static ReportPlan Of(BinaryCachePrunePlan plan, CacheCatalog catalog)
    {
        if (plan.Source.Digest != PlanSource.DigestOf(catalog.Manifest))
        {
            throw new NixStoreException("PrunePlanOfOtherCatalog", StoreErrorKind.InvalidArgument, $"The plan {plan.Id} is of another state of the catalog than '{catalog}' is in.",
                plan.Plan, "Make a plan anew, or a report of the catalog as it was.");
        }

        return new ReportPlan
        {
            Id = plan.Id,
            Made = plan.CreatedAt,
            Author = plan.Author,
            ApprovedBy = plan.Approvals.LastOrDefault(approval => approval.Digest == plan.Digest)?.By,
            NeedsApproval = plan.NeedsApproval,
            KeepsRoots = plan.Policy.KeepRoots,
            Count = plan.PathCount,
            Size = plan.ObjectSize,
            Dangling = plan.Totals.DanglingReferences,
            Cost = plan.Totals.MonthlyCost,
            Kinds = [.. plan.Totals.Objects.Select(kind => new ReportGroup(kind.Key, kind.Value, plan.Totals.Bytes.GetValueOrDefault(kind.Key), null, null, null))],
            Classes = [.. plan.Classes.Select(item => new ReportPlanClass(item.Name ?? "", item.Paths, item.Bytes, DayOf(item.Oldest), DayOf(item.Newest),
                [.. item.Outliers.Select(outlier => new ReportOutlier(outlier.Path, outlier.Size))]))],
            Kept = [.. plan.Kept.Select(item => new ReportCount(item.Reason.ToString(), item.Paths))],
        };
    }

    private static DateOnly? DayOf(DateTimeOffset? time) => time is { } moment ? DateOnly.FromDateTime(moment.UtcDateTime) : null;
}

/// <summary>Paths of a class that go.</summary>
internal sealed record ReportPlanClass(string Name, long Count, long Size, DateOnly? Oldest, DateOnly? Newest, IReadOnlyList<ReportOutlier> Outliers);

/// <summary>A path whose size is far from that of the others of its class.</summary>
internal sealed record ReportOutlier(string Path, long Size);
