using NixStore.Catalog.Sql;

namespace NixStore.Catalog.Storage;

/// <summary>A table of a catalog: a folder of Parquet files, of which the manifest lists those that count.</summary>
/// <param name="Name">Name of the folder, and of the view in a session.</param>
public sealed record CatalogTable(string Name)
{
    /// <summary>One row a narinfo, sorted by hash within a part; each hash once in all of them.</summary>
    public static CatalogTable NarInfos { get; } = new("narinfos");

    /// <summary>What is in the bucket or folder: the last inventory or listing.</summary>
    public static CatalogTable Objects { get; } = new("objects");

    /// <summary>What was wrong with single objects.</summary>
    public static CatalogTable Findings { get; } = new("findings");

    /// <summary>Derived of the narinfos: which of them do not count when NARs are counted. Absent as long as nobody has found out.</summary>
    public static CatalogTable Shared { get; } = new("shared");

    /// <summary>What Hydra's table <c>buildstepoutputs</c> names, one row a path, sorted by hash.</summary>
    public static CatalogTable Hydra { get; } = new("hydra");

    /// <summary>When narinfos were last asked for, by access logs; sorted by hash.</summary>
    public static CatalogTable Downloads { get; } = new("downloads");

    /// <summary>What is to stay in the cache, with all that it refers to: one row a root, sorted by hash and origin.</summary>
    public static CatalogTable Roots { get; } = new("roots");

    /// <summary>To whom objects belong whose names do not say it: debug information, realisations and build traces; sorted by key within a part.</summary>
    public static CatalogTable Links { get; } = new("links");

    /// <summary>All tables.</summary>
    public static IReadOnlyList<CatalogTable> All { get; } = [NarInfos, Objects, Findings, Shared, Hydra, Downloads, Roots, Links];

    /// <summary>Its columns, as between the parentheses of CREATE TABLE.</summary>
    internal string Columns => SqlText.Of("Tables/" + Name);

    /// <summary>
    /// Further options of COPY. Row groups are so small that what the engine unpacks of one stays below 8 MiB a column: larger buffers are given back to the
    /// kernel and asked for again each time. Of objects, nearly all columns have no value twice: looking for a dictionary costs a quarter of the time, and
    /// finds none.
    /// </summary>
    internal string WriteOptions => this == NarInfos ? ", ROW_GROUP_SIZE 20480" : this == Objects ? ", ROW_GROUP_SIZE 40960, DICTIONARY_SIZE_LIMIT 1000, COMPRESSION_LEVEL 1" : "";

    /// <summary>What a part is sorted by.</summary>
    internal string Order => this == Objects ? "key, version_id, last_modified_date" : this == Findings ? "key, kind, detail" : this == Links ? "key"
        : this == Roots ? "hash NULLS FIRST, origin" : "hash";

    /// <inheritdoc/>
    public override string ToString() => Name;
}
