using System.Globalization;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Feeding;
using NixStore.Catalog.Pruning.Certificates;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.ClickHouse;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Pruning;

/// <summary>A path of a cache that is made up.</summary>
internal sealed record LabPath(string Hash, string Name)
{
    public string Url { get; init; } = $"nar/{Hash}.nar.xz";

    public IReadOnlyList<string> References { get; init; } = [];

    public string? Deriver { get; init; }

    public string? Ca { get; init; }

    public DateTimeOffset? Time { get; init; } = PruneLab.Old;

    public long Size { get; init; } = 100;

    public string Key => Hash + ".narinfo";
}

internal sealed record LabObject(string Key, long Size, string? ETag, DateTimeOffset? Time);

/// <summary>Makes catalogs of caches that are made up, plans of them, and certificates of these.</summary>
internal sealed class PruneLab : IDisposable
{
    internal static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    internal static readonly DateTimeOffset Old = Now.AddDays(-400);
    private readonly TemporaryDirectory _directory = new();
    private int _plans;

    internal List<LabPath> Paths { get; } = [];

    internal List<LabObject> Objects { get; } = [];

    internal List<(string Key, string? ETag, string? Hash, string? Url)> Links { get; } = [];

    internal List<(string? Hash, long? MaximumAge, DateTimeOffset? Expires)> Roots { get; } = [];

    internal List<(string Key, string? ETag)> Findings { get; } = [];

    internal string FindingKind { get; set; } = FindingKinds.Corrupt;

    internal string Folder => _directory / "cache.catalog";

    internal CacheCatalog Catalog => CacheCatalog.Open(Folder);

    public void Dispose() => _directory.Dispose();

    internal static string Hash(string name) => name.PadRight(32, '0');

    internal string NewFolder() => _directory / $"{++_plans}.plan";

    /// <summary>A path with its narinfo, its NAR and what else is said.</summary>
    internal LabPath Add(string name, string pname, params string[] references)
        => Add(new LabPath(Hash(name), pname) { References = [.. references.Select(Hash)] });

    internal LabPath Add(LabPath path)
    {
        // Another path may have named it as its NAR.
        Objects.RemoveAll(item => item.Key == path.Key);
        Paths.Add(path);
        AddObject(path.Key, path.Time, 500);
        if (Objects.TrueForAll(item => item.Key != path.Url))
        {
            AddObject(path.Url, path.Time, path.Size);
        }

        return path;
    }

    internal void AddObject(string key, DateTimeOffset? time = null, long size = 10) => Objects.Add(new LabObject(key, size, "tag-" + key, time ?? Old));

    /// <summary>Debug information, a realisation or a build trace whose contents are known.</summary>
    internal void AddLink(string key, string? hash, string? url)
    {
        AddObject(key);
        Links.Add((key, "tag-" + key, hash, url));
    }

    internal PruneLab Write(bool withShared = true)
    {
        using var writer = CatalogWriter.Open(Folder, new CatalogManifest { Cache = "s3://user:secret@cache" });
        Add(writer, CatalogTable.NarInfos, Paths, path => $"{Text(path.Hash)} AS hash, {Text(path.Name)} AS pname, {Text(path.Url)} AS url, 'xz' AS compression, {path.Size} AS file_size, 'sha256:x' AS nar_hash, {4 * path.Size} AS nar_size, "
            + $"CAST([{string.Join(", ", path.References.Select(Text))}] AS VARCHAR[]) AS \"references\", {Text(path.Deriver)} AS deriver, {Text(path.Ca)} AS ca, {Time(path.Time)} AS last_modified_at, {Text("tag-" + path.Key)} AS e_tag");
        Add(writer, CatalogTable.Objects, Objects, item => $"{Text(item.Key)} AS key, {item.Size} AS size, {Text(item.ETag)} AS e_tag, {Time(item.Time)} AS last_modified_date, 'STANDARD' AS storage_class");
        Add(writer, CatalogTable.Links, Links, item => $"{Text(item.Key)} AS key, {Text(item.ETag)} AS e_tag, {Text(item.Hash)} AS hash, {Text(item.Url)} AS url");
        Add(writer, CatalogTable.Findings, Findings, item => $"{Text(item.Key)} AS key, {Text(FindingKind)} AS kind, {Text(item.ETag)} AS e_tag");
        Add(writer, CatalogTable.Roots, Roots, item => $"{Text(item.Hash)} AS hash, 'root' AS name, {(item.Hash is null ? "'Age'" : "'Pin'")} AS kind, 'lab' AS origin, "
            + $"{item.MaximumAge?.ToString(CultureInfo.InvariantCulture) ?? "NULL"} AS maximum_age, {Time(Old)} AS added_at, {Time(item.Expires)} AS expires_at");
        if (withShared)
        {
            SharedNars.Refresh(writer, CancellationToken.None);
        }

        return this;
    }

    internal PrunePlan Plan(PruneRequest request) => BothEngines.Plan(Catalog, NewFolder(), request with { Moment = Now, Author = "lab" });

    internal string PlanError(PruneRequest request) => Assert.Throws<NixStoreException>(() => Plan(request)).ErrorId;

    /// <summary>The names of the checks that a plan does not pass.</summary>
    internal List<string> Failures(PrunePlan plan) => [.. new PruneCertificate(Catalog, plan).Run().Where(check => !check.IsPassed).Select(check => check.Check)];

    private static void Add<T>(CatalogWriter writer, CatalogTable table, List<T> items, Func<T, string> columns)
    {
        if (items.Count > 0)
        {
            writer.Add(table, string.Join(" UNION ALL BY NAME ", items.Select(item => "SELECT " + columns(item))));
        }
    }

    private static string Text(string? text) => text is null ? "NULL::VARCHAR" : DuckSession.Quote(text);

    private static string Time(DateTimeOffset? time) => time is null ? "NULL::TIMESTAMP_MS" : $"TIMESTAMP_MS '{time.Value.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff}'";
}
