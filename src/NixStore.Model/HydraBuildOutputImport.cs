namespace NixStore;

/// <summary>What an import of Hydra's build outputs has brought.</summary>
public sealed class HydraBuildOutputImport
{
    /// <summary>Folder of the catalog; binds to -Catalog of the other cmdlets.</summary>
    public required string Catalog { get; init; }

    /// <summary>The database without user and password, or the files.</summary>
    public required string Source { get; init; }

    /// <summary>Store paths in the catalog's table hydra now.</summary>
    public long PathCount { get; init; }

    /// <summary>Rows of buildstepoutputs that they came from, of all imports since the table was made.</summary>
    public long RowCount { get; init; }

    /// <summary>Of these, rows that name no store path of the catalog's store directory.</summary>
    public long SkippedCount { get; init; }

    /// <summary>Time it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Source}: {PathCount} paths";
}
