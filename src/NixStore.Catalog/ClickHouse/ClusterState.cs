using NixStore.Catalog.Storage;

namespace NixStore.Catalog.ClickHouse;

/// <summary>What a catalog on a cluster consists of.</summary>
internal sealed record ClusterState
{
    /// <summary>The format of the tables that this version writes and reads.</summary>
    internal const int CurrentFormat = 1;

    /// <summary>Format of the tables.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>How many shards there are: rows are where that says.</summary>
    public required int Shards { get; init; }

    /// <summary>Who has written it.</summary>
    public required string Writer { get; init; }

    /// <summary>Tables and imports, as of a catalog in a folder. The number in the name of a part is what its rows have in the column <c>part</c>.</summary>
    public required CatalogManifest Manifest { get; init; }
}
