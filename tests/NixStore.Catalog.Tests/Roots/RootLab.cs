using NixStore.Catalog.Roots;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Roots;

/// <summary>A catalog whose roots are tried.</summary>
internal sealed class RootLab : IDisposable
{
    internal static readonly StoreDirectory Nix = StoreDirectory.Default;
    internal static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly TemporaryDirectory _directory = new();

    internal RootLab()
    {
        using var writer = CatalogWriter.Open(Folder, new CatalogManifest());
    }

    internal string Folder => _directory / "cache.catalog";

    internal CacheCatalog Catalog => CacheCatalog.Open(Folder);

    /// <summary>A hash part that a name begins.</summary>
    internal static string Hash(string name) => name.PadRight(32, '0');

    internal static StorePath Path(string name) => StorePath.FromParts(Hash(name), $"package-{name}");

    internal string File(string name, string text)
    {
        var path = _directory / name;
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    internal string InFolder(string name) => _directory / name;

    /// <summary>Narinfos by their names, what they refer to, their NAR and their time.</summary>
    internal RootLab AddNarInfos(params IEnumerable<(string Name, string[] References, string Url, string? Time)> narInfos)
    {
        using var writer = CatalogWriter.Open(Folder);
        writer.Add(CatalogTable.NarInfos, string.Join(" UNION ALL ", narInfos.Select(item =>
            $"SELECT '{Hash(item.Name)}' AS hash, 'package-{item.Name}' AS pname, '{item.Url}' AS url, 'xz' AS compression, 10 AS file_size, 'sha256:x' AS nar_hash, 20 AS nar_size, "
            + $"CAST([{string.Join(", ", item.References.Select(name => $"'{Hash(name)}'"))}] AS VARCHAR[]) AS \"references\", "
            + $"CAST({(item.Time is null ? "NULL" : $"'{item.Time}'")} AS TIMESTAMP_MS) AS last_modified_at")));
        return this;
    }

    internal RootLab Add(RootList list, DateTimeOffset? expiresAt = null, DateTimeOffset? addedAt = null)
    {
        using var writer = CatalogWriter.Open(Folder);
        RootTable.Add(writer, [list], addedAt ?? Now, expiresAt);
        return this;
    }

    internal RootLab AddPaths(string origin, params string[] names) => Add(new RootList(BinaryCacheRootKind.StorePath, origin, [.. names.Select(Path)]));

    internal List<BinaryCacheRoot> Find(RootFilter? filter = null) => [.. RootSearch.Find(Catalog, filter ?? new RootFilter(), Now)];

    /// <summary>Origins and names of all roots.</summary>
    internal List<string> Names() => [.. Find().Select(root => $"{root.Origin}: {root.Name}")];

    public void Dispose() => _directory.Dispose();
}
