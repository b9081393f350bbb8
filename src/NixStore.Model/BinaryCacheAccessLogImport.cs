namespace NixStore;

/// <summary>What an import of access logs has brought.</summary>
public sealed class BinaryCacheAccessLogImport
{
    /// <summary>Folder of the catalog; binds to -Catalog of the other cmdlets.</summary>
    public required string Catalog { get; init; }

    /// <summary>Logs that were read.</summary>
    public int FileCount { get; init; }

    /// <summary>Logs that the catalog has already.</summary>
    public int KnownFileCount { get; init; }

    /// <summary>Lines that were read.</summary>
    public long LineCount { get; init; }

    /// <summary>Of these, requests that were answered with a narinfo or NAR.</summary>
    public long RequestCount { get; init; }

    /// <summary>Of these, requests for NARs that no narinfo of the catalog names.</summary>
    public long UnknownNarCount { get; init; }

    /// <summary>Lines that are of none of the formats.</summary>
    public long UnreadableCount { get; init; }

    /// <summary>Narinfos in the catalog's table downloads now.</summary>
    public long PathCount { get; init; }

    /// <summary>Time it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{RequestCount} requests of {LineCount} lines in {FileCount} logs";
}
