namespace NixStore.Catalog.Storage;

/// <summary>Where the table <c>hydra</c> comes from, and how far its import is.</summary>
public sealed record HydraProgress
{
    /// <summary>The database without its password, or the files of a dump.</summary>
    public required string Source { get; init; }

    /// <summary>True when all of it is in the table.</summary>
    public bool IsComplete { get; init; }

    /// <summary>True when the import under way adds to the table; false when it replaces it.</summary>
    public bool IsAddition { get; init; }

    /// <summary>Database: builds below this were read.</summary>
    public long NextBuild { get; init; }

    /// <summary>Database: the import under way reads the builds below this.</summary>
    public long UntilBuild { get; init; }

    /// <summary>Database: where the next import begins, the least build that was not finished when this one began.</summary>
    public long OpenBuild { get; init; }

    /// <summary>Dump: the files that were read.</summary>
    public IReadOnlyList<CatalogImportFile> Files { get; init; } = [];

    /// <summary>Rows that were read since the table was last made from nothing.</summary>
    public long Rows { get; init; }

    /// <summary>Of these, rows that name no store path.</summary>
    public long Skipped { get; init; }
}
