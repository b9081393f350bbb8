namespace NixStore;

/// <summary>What a binary cache, or a group of what is in it, amounts to. All sizes are bytes.</summary>
public sealed class BinaryCacheMeasure
{
    /// <summary>Folder of the catalog; binds to -Catalog of the other cmdlets.</summary>
    public required string Catalog { get; init; }

    /// <summary>Address of the cache; null when the catalog does not say.</summary>
    public string? Cache { get; init; }

    /// <summary>What the groups are made by.</summary>
    public BinaryCacheGrouping GroupBy { get; init; }

    /// <summary>The group; empty for what says nothing of it.</summary>
    public required string Group { get; init; }

    /// <summary>Narinfos; null where objects are counted.</summary>
    public long? PathCount { get; init; }

    /// <summary>NARs: one that several narinfos name is counted once, with the narinfo of the least hash.</summary>
    public long? NarCount { get; init; }

    /// <summary>Bytes of these NAR files, compressed, by their narinfos; those that do not say are left out.</summary>
    public long? FileSize { get; init; }

    /// <summary>Bytes of the NARs of all narinfos, not compressed.</summary>
    public long? NarSize { get; init; }

    /// <summary>Objects of the last inventory or listing; null where narinfos are counted.</summary>
    public long? ObjectCount { get; init; }

    /// <summary>Their bytes.</summary>
    public long? ObjectSize { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Group}: {PathCount ?? ObjectCount} {(PathCount is null ? "objects" : "paths")}, {ByteSize.Format(FileSize ?? ObjectSize)}";
}
