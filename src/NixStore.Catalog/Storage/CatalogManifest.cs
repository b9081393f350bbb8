using System.Globalization;
using System.Text.Json.Serialization;

namespace NixStore.Catalog.Storage;

/// <summary>
/// What a catalog consists of: the file <c>catalog.json</c>, which is only ever replaced as a whole. A file that it does not list is rubbish of a
/// killed run. Nothing in it depends on when or how often a run was begun: the same input gives the same bytes.
/// </summary>
public sealed record CatalogManifest
{
    /// <summary>The format of the folder that this version writes and reads.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The name of the file.</summary>
    public const string FileName = "catalog.json";

    /// <summary>Format of the folder.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>Address of the cache, as in <c>-BinaryCache</c>; null when nobody has said it.</summary>
    public string? Cache { get; init; }

    /// <summary>The store directory of its paths.</summary>
    public string StoreDirectory { get; init; } = NixStore.StoreDirectory.Default.Path;

    /// <summary>The tables by name.</summary>
    public IReadOnlyDictionary<string, CatalogTableParts> Tables { get; init; } = new SortedDictionary<string, CatalogTableParts>(StringComparer.Ordinal);

    /// <summary>The narinfos that the table <c>shared</c> was derived of; null when nobody has derived it.</summary>
    public string? SharedOf { get; init; }

    /// <summary>Where the table <c>hydra</c> comes from; null when nobody has imported it.</summary>
    public HydraProgress? Hydra { get; init; }

    /// <summary>Where the table <c>downloads</c> comes from; null when nobody has imported it.</summary>
    public AccessLogProgress? AccessLogs { get; init; }

    /// <summary>Of a copy that is not complete, what it is a copy of; null of all that can be read.</summary>
    public string? UnfinishedCopyOf { get; init; }

    /// <summary>What was imported, oldest first; the last one may be under way.</summary>
    public IReadOnlyList<CatalogImport> Imports { get; init; } = [];

    /// <summary>The parts of a table.</summary>
    public CatalogTableParts this[CatalogTable table] => Tables.GetValueOrDefault(table.Name) ?? CatalogTableParts.None;

    /// <summary>With other parts of one table.</summary>
    public CatalogManifest With(CatalogTable table, CatalogTableParts parts)
        => this with { Tables = new SortedDictionary<string, CatalogTableParts>(Tables.ToDictionary(), StringComparer.Ordinal) { [table.Name] = parts } };

    /// <summary>With an import added, or in the place of the one of the same source.</summary>
    public CatalogManifest With(CatalogImport import)
        => this with { Imports = [.. Imports.Where(other => other.Source != import.Source), import] };
}

/// <summary>The files of a table.</summary>
public sealed record CatalogTableParts
{
    /// <summary>Of a table that nobody has written yet.</summary>
    public static CatalogTableParts None { get; } = new();

    /// <summary>The number that the next file gets; none is used twice.</summary>
    public long Next { get; init; } = 1;

    /// <summary>The files that are the table, in order.</summary>
    public IReadOnlyList<CatalogPart> Parts { get; init; } = [];

    /// <summary>Files that will be the table when the import under way is complete.</summary>
    public IReadOnlyList<CatalogPart> Pending { get; init; } = [];

    /// <summary>Rows of the table.</summary>
    [JsonIgnore]
    public long Rows => Parts.Sum(part => part.Rows);

    /// <summary>Bytes of its files.</summary>
    [JsonIgnore]
    public long Bytes => Parts.Sum(part => part.Bytes);
}

/// <summary>A Parquet file of a table.</summary>
/// <param name="Name">In the table's folder.</param>
/// <param name="Rows">Rows in it.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Of the file when it was written first, or of a cluster's rows, in lower-case hexadecimal digits; copies keep it.</param>
public sealed record CatalogPart(string Name, long Rows, long Bytes, string? Sha256 = null)
{
    /// <summary>The line by which a digest of parts knows it; the size stands for the digest where an old catalog has none.</summary>
    internal string DigestLine => string.Create(CultureInfo.InvariantCulture, $"{Name}\t{Rows}\t{Sha256 ?? $"{Bytes}"}\n");
}
