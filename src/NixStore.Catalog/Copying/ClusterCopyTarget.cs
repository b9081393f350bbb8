using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Copying;

/// <summary>A cluster that gets a copy.</summary>
internal sealed class ClusterCopyTarget(ClusterWriter writer) : ICopyTarget
{
    /// <inheritdoc/>
    public string Location => writer.Location;

    /// <inheritdoc/>
    public CatalogManifest Manifest => writer.Manifest;

    /// <inheritdoc/>
    public long Write(DuckSession session, string source, CatalogTable table, CatalogPart part, CancellationToken cancellation)
    {
        using var rows = session.Query($"SELECT * FROM {source}", cancellation);
        var step = writer.BeginStep();
        var count = step.Write(table, rows, pending: true, part, cancellation);
        step.Commit(cancellation);
        return count;
    }

    /// <inheritdoc/>
    public void Update(Func<CatalogManifest, CatalogManifest> change, CancellationToken cancellation)
    {
        var step = writer.BeginStep();
        step.Update(change);
        step.Commit(cancellation);
    }

    /// <inheritdoc/>
    public void Clean(CancellationToken cancellation) => writer.Clean(cancellation);

    /// <inheritdoc/>
    public void Dispose() => writer.Dispose();
}
