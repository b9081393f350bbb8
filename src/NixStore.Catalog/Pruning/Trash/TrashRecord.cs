using System.Text.Json.Serialization;
using NixStore.Catalog.Pruning.Objects;
using NixStore.Catalog.Pruning.Plans;

namespace NixStore.Catalog.Pruning.Trash;

/// <summary>An object that was taken: a line of a list in the trash, which says all that bringing it back needs.</summary>
internal sealed record TrashRecord
{
    /// <summary>The plan that has taken it, by the folder that the list is in; empty while it is in none.</summary>
    [JsonIgnore]
    public string PlanId { get; init; } = "";

    /// <summary>The name it had in the cache.</summary>
    public required string Key { get; init; }

    /// <summary>What it is.</summary>
    public BinaryCacheObjectKind Kind { get; init; }

    /// <summary>Hash part of the path that it belongs to.</summary>
    public string? Hash { get; init; }

    /// <summary>Of a narinfo: what follows the hash.</summary>
    public string? Name { get; init; }

    /// <summary>Of a narinfo: the key of its NAR.</summary>
    public string? Url { get; init; }

    /// <summary>Bytes.</summary>
    public long Size { get; init; }

    /// <summary>Tag of the contents.</summary>
    public string? ETag { get; init; }

    /// <summary>The bucket's storage class.</summary>
    public string? StorageClass { get; init; }

    /// <summary>The version that is hidden.</summary>
    public string? Version { get; init; }

    /// <summary>The delete marker that hides it.</summary>
    public string? Marker { get; init; }

    /// <summary>When it was taken.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Of an object that is about to be taken, as the plan knows it: what only the server says is not in it.</summary>
    internal static TrashRecord Intended(WaveObject item, DateTimeOffset at)
        => Of(item.Planned, item.Path, new ObjectState(item.Planned.Key, item.Planned.Size ?? 0, item.Planned.ETag, at, item.Planned.StorageClass), at);

    /// <summary>Of an object that was taken as it was seen.</summary>
    internal static TrashRecord Of(PlannedObject planned, PlannedNarInfo? path, ObjectState seen, DateTimeOffset at, string? marker = null) => new()
    {
        Key = planned.Key,
        Kind = planned.Kind,
        Hash = planned.HashPart,
        Name = path?.Name,
        Url = path?.Url,
        Size = seen.Size,
        ETag = seen.ETag,
        StorageClass = seen.StorageClass,
        Version = seen.Version,
        Marker = marker,
        At = at,
    };
}
