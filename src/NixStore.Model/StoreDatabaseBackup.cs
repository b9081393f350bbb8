namespace NixStore;

/// <summary>A backup of a store's database: one compressed file, which <c>gunzip</c> turns into the database.</summary>
public sealed record StoreDatabaseBackup
{
    /// <summary>URL of the store.</summary>
    public required string Store { get; init; }

    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>What it is called: the time it was made, in UTC, and a random part.</summary>
    public required string Id { get; init; }

    /// <summary>The moment whose state it has.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Name of the machine it was made on.</summary>
    public required string Host { get; init; }

    /// <summary>The logical directory of the store; a backup can be restored to a store with the same one only.</summary>
    public required string StoreDirectory { get; init; }

    /// <summary>The number that was in the schema file; null when that was missing or damaged.</summary>
    public int? Schema { get; init; }

    /// <summary>Registered paths.</summary>
    public required long Rows { get; init; }

    /// <summary>Bytes of the file.</summary>
    public required long Size { get; init; }

    /// <summary>Bytes of the database in it.</summary>
    public required long DatabaseSize { get; init; }

    /// <summary>SHA-256 of the database in it, in base 16; <c>gunzip -c FILE | sha256sum</c> gives the same.</summary>
    public required string Digest { get; init; }

    /// <summary>What SQLite's checks found wrong with the database when it was backed up; normally nothing.</summary>
    public IReadOnlyList<string> Findings { get; init => field = Indexable.Of(value); } = [];

    /// <summary>True when the database was in order when it was backed up; only such a backup can be restored.</summary>
    public bool IsSound => Findings.Count == 0;

    /// <summary>True when the file was read back and has what it should, false when not; null when nobody has looked.</summary>
    public bool? Verified { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Path;
}
