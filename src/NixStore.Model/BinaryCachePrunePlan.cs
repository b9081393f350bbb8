using System.Text.Json.Serialization;

namespace NixStore;

/// <summary>
/// What is to be removed from a binary cache: the summary of a plan, which is a folder. What goes, and what is deleted for it, are tables beside it.
/// </summary>
public sealed record BinaryCachePrunePlan
{
    /// <summary>The version of the folder's form that this NixStore writes.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The plan's folder; binds to -Plan of the other cmdlets.</summary>
    [JsonIgnore]
    public string Plan { get; init; } = "";

    /// <summary>Folder of the catalog that it was made of; null of a plan that was read from its folder, which says nothing of it.</summary>
    [JsonIgnore]
    public string? Catalog { get; init; }

    /// <summary>Version of the folder's form.</summary>
    public int FormatVersion { get; init; } = CurrentFormat;

    /// <summary>When it was made: ages count from here.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Who has made it.</summary>
    public required string Author { get; init; }

    /// <summary>Address of the cache, without secrets; null when the catalog does not say.</summary>
    public string? Cache { get; init; }

    /// <summary>The store directory of its paths.</summary>
    public required string StoreDirectory { get; init; }

    /// <summary>The catalog that it was made of.</summary>
    [JsonPropertyName("catalog")]
    public required PrunePlanSource Source { get; init; }

    /// <summary>How its paths were chosen.</summary>
    public required PrunePlanPolicy Policy { get; init; }

    /// <summary>What goes, by class; what is of no class comes last, without a name.</summary>
    public IReadOnlyList<PrunePlanClass> Classes { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Candidates that stay, each for the first reason that holds.</summary>
    public IReadOnlyList<PrunePlanKept> Kept { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What it amounts to.</summary>
    public required PrunePlanTotals Totals { get; init; }

    /// <summary>Its files, by table: <c>narinfos</c>, <c>objects</c>, <c>dangling</c>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<PrunePlanPart>> Tables { get; init; } = new SortedDictionary<string, IReadOnlyList<PrunePlanPart>>(StringComparer.Ordinal);

    /// <summary>What it is called: when it was made, and the first digits of its digest.</summary>
    public string Id { get; init; } = "";

    /// <summary>SHA-256, in base 16, over the text of <c>plan.json</c> before the line of <c>id</c>: over all but name, digest and approvals.</summary>
    public string Digest { get; init; } = "";

    /// <summary>Who has agreed to it. One whose digest is another one's is none.</summary>
    public IReadOnlyList<PrunePlanApproval> Approvals { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Paths that go.</summary>
    [JsonIgnore]
    public long PathCount => Totals.Paths;

    /// <summary>Objects that are deleted.</summary>
    [JsonIgnore]
    public long ObjectCount => Totals.Objects.Values.Sum();

    /// <summary>Their bytes, as far as they are known.</summary>
    [JsonIgnore]
    public long ObjectSize => Totals.Bytes.Values.Sum();

    /// <summary>True when it is so large that somebody has to approve it.</summary>
    [JsonIgnore]
    public bool NeedsApproval => PathCount >= Policy.ApprovalPaths || Math.Max(ObjectSize, Classes.Sum(item => item.Bytes)) >= Policy.ApprovalSize;

    /// <summary>True when somebody has approved it as it is.</summary>
    [JsonIgnore]
    public bool IsApproved => Approvals.Any(approval => approval.Digest == Digest);

    /// <inheritdoc/>
    public override string ToString() => $"{Id}: {PathCount} paths, {ObjectCount} objects, {ByteSize.Format(ObjectSize)}";
}
