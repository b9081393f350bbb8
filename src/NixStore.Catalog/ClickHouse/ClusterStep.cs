using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.ClickHouse;

/// <summary>One step of a change to a catalog on a cluster: new parts are written, and one exchange of the manifest makes them count.</summary>
public sealed class ClusterStep : ICatalogStep
{
    private readonly ClusterWriter _writer;

    internal ClusterStep(ClusterWriter writer)
    {
        _writer = writer;
        Manifest = writer.Manifest;
    }

    /// <summary>The manifest that <see cref="Commit"/> will write.</summary>
    public CatalogManifest Manifest { get; private set; }

    /// <inheritdoc/>
    public long Write(CatalogTable table, string select, bool pending = false, CancellationToken cancellation = default)
    {
        using var rows = _writer.Session.Query(select, cancellation);
        return Write(table, rows, pending, null, cancellation);
    }

    /// <inheritdoc/>
    void ICatalogStep.Commit() => Commit(CancellationToken.None);

    /// <summary>Writes rows of the embedded engine as a new part of a table.</summary>
    /// <param name="table">Which.</param>
    /// <param name="rows">Rows with the table's columns in their order and types.</param>
    /// <param name="pending">The part counts only when <see cref="ReplaceByPending"/> says so.</param>
    /// <param name="like">The part that it is to be; null = the next one.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>Its rows; when there are none, there is no part.</returns>
    /// <exception cref="NixStoreException">CatalogRowNotStorable, ClickHouseShardUnavailable; <see cref="DuckException"/>; <see cref="ClickHouseException"/></exception>
    /// <exception cref="OperationCanceledException"/>
    internal long Write(CatalogTable table, DuckRows rows, bool pending, CatalogPart? like, CancellationToken cancellation)
    {
        var (cluster, target) = (_writer.Cluster, ClusterTable.Of(table));
        var number = like is null ? checked((uint)Manifest[table].Next) : ClusterParts.NumberOf(like);
        long count = 0;
        cluster.Blaming(
            () =>
            {
                var insert = $"INSERT INTO {cluster.All(table.Name)} ({ClusterTable.PartColumn}, {target.FullColumnList})";
                var blocks = new NativeWriter(write => cluster.First.Insert(insert, write, cancellation), target.Columns, number);
                blocks.Write(rows);
                blocks.Flush();
                count = blocks.Count;
                return true;
            },
            cancellation);
        return Add(table, number, count, like, pending, cancellation);
    }

    /// <summary>Writes the rows of a query as a new part, on each shard those that belong there.</summary>
    /// <param name="table">Which.</param>
    /// <param name="columns">The columns that the query gives.</param>
    /// <param name="select">A SELECT; <c>{part}</c> in it is the number of the part, its first column.</param>
    /// <param name="pending">The part counts only when <see cref="ReplaceByPending"/> says so.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>Its rows; when there are none, there is no part.</returns>
    internal long Write(CatalogTable table, string columns, string select, bool pending, CancellationToken cancellation)
    {
        var number = checked((uint)Manifest[table].Next);
        var part = number.ToString(CultureInfo.InvariantCulture);
        _writer.Cluster.ExecuteOnEach(
            $"INSERT INTO {_writer.Cluster.Shard(table.Name)} ({ClusterTable.PartColumn}, {columns}) {select.Replace("{part}", part, StringComparison.Ordinal)}", cancellation);
        var count = _writer.Cluster.QueryNumber($"SELECT count() FROM {_writer.Cluster.All(table.Name)} WHERE {ClusterTable.PartColumn} = {part}", cancellation);
        return Add(table, number, count, null, pending, cancellation);
    }

    /// <summary>Takes parts out of a table; their rows stay until the next writer begins, for those who read them now.</summary>
    public void Drop(CatalogTable table, Func<CatalogPart, bool> condition)
        => Manifest = Manifest.With(table, Manifest[table] with { Parts = [.. Manifest[table].Parts.Where(part => !condition(part))] });

    /// <summary>Makes the pending parts the table.</summary>
    public void ReplaceByPending(CatalogTable table)
        => Manifest = Manifest.With(table, Manifest[table] with { Parts = Manifest[table].Pending, Pending = [] });

    /// <summary>Forgets the pending parts.</summary>
    public void DropPending(CatalogTable table) => Manifest = Manifest.With(table, Manifest[table] with { Pending = [] });

    /// <summary>Changes something else of the manifest.</summary>
    public void Update(Func<CatalogManifest, CatalogManifest> change) => Manifest = change(Manifest);

    /// <summary>Makes the step part of the catalog.</summary>
    /// <exception cref="NixStoreException">CatalogLocked, ClickHouseShardUnavailable, ClickHouseCatalogIncomplete; <see cref="ClickHouseException"/></exception>
    /// <exception cref="OperationCanceledException"/>
    public void Commit(CancellationToken cancellation) => _writer.Commit(Manifest, cancellation);

    private long Add(CatalogTable table, uint number, long count, CatalogPart? like, bool pending, CancellationToken cancellation)
    {
        if (count == 0)
        {
            return 0;
        }

        var part = like is null ? Describe(table, number, count, cancellation) : like with { Rows = count };
        var parts = Manifest[table];
        Manifest = Manifest.With(table, parts with
        {
            Next = Math.Max(parts.Next, number + 1L),
            Parts = pending ? parts.Parts : [.. parts.Parts, part],
            Pending = pending ? [.. parts.Pending, part] : parts.Pending,
        });
        return count;
    }

    /// <summary>Its digest is one of all its rows, in whatever order they are.</summary>
    private CatalogPart Describe(CatalogTable table, uint number, long count, CancellationToken cancellation)
    {
        var target = ClusterTable.Of(table);
        using var rows = _writer.Cluster.Query(string.Create(CultureInfo.InvariantCulture,
            $"SELECT toInt64(sum({target.RowSize})), concat(toString(sum({target.RowHash})), ' ', toString(groupBitXor({target.RowHash}))) FROM {_writer.Cluster.All(table.Name)} WHERE {ClusterTable.PartColumn} = {number}"), cancellation);
        rows.Read();
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{count} {rows.GetText(1)}")));
        return new CatalogPart(string.Create(CultureInfo.InvariantCulture, $"{number:D6}.parquet"), count, rows.GetInt64(0), Convert.ToHexStringLower(digest));
    }
}
