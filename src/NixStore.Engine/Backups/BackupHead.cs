namespace NixStore.Engine.Backups;

/// <summary>What a backup says of itself, as JSON in the comment of its gzip header.</summary>
/// <param name="Version">Version of this form.</param>
/// <param name="Store">URL of the store.</param>
/// <param name="StoreDirectory">Its logical directory.</param>
/// <param name="Host">Name of the machine.</param>
/// <param name="Created">The moment whose state it has.</param>
/// <param name="Rows">Registered paths.</param>
/// <param name="DatabaseSize">Bytes of the database.</param>
/// <param name="Digest">SHA-256 of the database, in base 16.</param>
/// <param name="Findings">What SQLite's checks found wrong with it.</param>
/// <param name="Schema">What was in the schema file; null when it was missing or damaged.</param>
internal sealed record BackupHead(
    int Version, string Store, string StoreDirectory, string Host, DateTimeOffset Created, long Rows, long DatabaseSize, string Digest,
    IReadOnlyList<string> Findings, int? Schema = null)
{
    /// <summary>The version that is written.</summary>
    internal const int CurrentVersion = 1;

    /// <summary>The backup that a file with this head is.</summary>
    internal StoreDatabaseBackup Describe(string path, long size) => new()
    {
        Store = Store,
        Path = path,
        Id = BackupDirectory.IdOf(path),
        Created = Created,
        Host = Host,
        StoreDirectory = StoreDirectory,
        Schema = Schema,
        Rows = Rows,
        Size = size,
        DatabaseSize = DatabaseSize,
        Digest = Digest,
        Findings = Findings,
    };
}
