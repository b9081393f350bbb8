using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Copying;

/// <summary>A folder that becomes a copy.</summary>
internal sealed class FolderCopyTarget(CatalogWriter writer) : ICopyTarget
{
    /// <inheritdoc/>
    public string Location => writer.Directory;

    /// <inheritdoc/>
    public CatalogManifest Manifest => writer.Manifest;

    /// <inheritdoc/>
    public long Write(DuckSession session, string source, CatalogTable table, CatalogPart part, CancellationToken cancellation)
    {
        var step = writer.BeginStep();
        step.Update(manifest => manifest.With(table, manifest[table] with { Next = ClusterParts.NumberOf(part) }));
        var rows = step.Write(table, $"SELECT * FROM {source} ORDER BY {table.Order}", session, pending: true, cancellation);
        step.Commit();
        return rows;
    }

    /// <inheritdoc/>
    public void Update(Func<CatalogManifest, CatalogManifest> change, CancellationToken cancellation)
    {
        var step = writer.BeginStep();
        step.Update(change);
        step.Commit();
    }

    /// <inheritdoc/>
    public void Clean(CancellationToken cancellation) => writer.Clean();

    /// <inheritdoc/>
    public void Dispose() => writer.Dispose();
}
