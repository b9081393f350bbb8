namespace NixStore.Engine.Stores;

/// <summary>
/// Where a local store is: its logical directory and the real directories behind it (STORE-SPEC §1;
/// Nix libstore/local-fs-store.hh).
/// </summary>
public sealed record StoreLocation
{
    /// <summary>URL that opens exactly this store again.</summary>
    public required string Url { get; init; }

    /// <summary>The logical directory, as databases and references have it.</summary>
    public required StoreDirectory Directory { get; init; }

    /// <summary>Where the store objects are on this machine.</summary>
    public required string RealDirectory { get; init; }

    /// <summary>Where the database, roots and locks are.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Where build logs are.</summary>
    public required string LogDirectory { get; init; }

    /// <summary>Opened with <c>read-only=true</c>: nothing may be written.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Opened with <c>use-roots-daemon=true</c>: Nix's roots daemon is asked for the roots of running processes.</summary>
    public bool UsesRootsDaemon { get; init; }

    /// <summary>The layers of an overlay store; null for any other.</summary>
    public OverlayLayers? Overlay { get; init; }

    /// <summary>The same without what is below it: of an overlay store, the rows of its own database only.</summary>
    internal StoreLocation Own => Overlay is null ? this : this with { Overlay = null };

    /// <summary>The database's file.</summary>
    public string DatabasePath => $"{StateDirectory}/db/db.sqlite";

    /// <summary>The file with the schema's number.</summary>
    public string SchemaPath => $"{StateDirectory}/db/schema";

    /// <summary>The hard links of an optimised store.</summary>
    public string LinksDirectory => $"{RealDirectory}/.links";

    /// <summary>The real path of a store object.</summary>
    public string RealPathOf(StorePath path) => $"{RealDirectory}/{path.BaseName}";

    /// <inheritdoc/>
    public override string ToString() => Url;
}
