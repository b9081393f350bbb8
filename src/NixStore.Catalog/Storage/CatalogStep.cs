using System.Globalization;
using System.Security.Cryptography;
using NixStore.Catalog.DuckDB;
using NixStore.Engine.Native;

namespace NixStore.Catalog.Storage;

/// <summary>
/// One step of a change: new files are written, and one exchange of the manifest makes them count. The names of the files are numbers that depend on
/// nothing but the steps before. A step that is not committed has changed nothing.
/// </summary>
public sealed class CatalogStep : ICatalogStep
{
    private readonly CatalogWriter _writer;
    private readonly List<(CatalogTable Table, CatalogPart Part, bool IsPending)> _written = [];

    internal CatalogStep(CatalogWriter writer)
    {
        _writer = writer;
        Manifest = writer.Manifest;
    }

    /// <summary>The manifest that <see cref="Commit"/> will write.</summary>
    public CatalogManifest Manifest { get; private set; }

    /// <summary>Writes the rows of a query as a new part of a table.</summary>
    /// <param name="table">Which.</param>
    /// <param name="select">A SELECT with the table's columns in their order and types, sorted if the table is; it must always give the same order.</param>
    /// <param name="pending">The part counts only when <see cref="ReplaceByPending"/> says so.</param>
    /// <param name="cancellation">Stops.</param>
    /// <param name="parameters">Of the query.</param>
    /// <returns>Its rows; when there are none, there is no part.</returns>
    /// <exception cref="DuckException"/>
    public long Write(CatalogTable table, string select, bool pending = false, CancellationToken cancellation = default, params ReadOnlySpan<object?> parameters)
        => Write(table, select, _writer.Session, pending, cancellation, parameters);

    /// <inheritdoc/>
    long ICatalogStep.Write(CatalogTable table, string select, bool pending, CancellationToken cancellation) => Write(table, select, pending, cancellation);

    /// <summary>The same with rows of another session.</summary>
    internal long Write(CatalogTable table, string select, DuckSession session, bool pending, CancellationToken cancellation, params ReadOnlySpan<object?> parameters)
    {
        var parts = Manifest[table];
        var name = string.Create(CultureInfo.InvariantCulture, $"{parts.Next:D6}.parquet");
        var path = Path.Combine(_writer.FolderOf(table), name);
        var rows = session.Execute(
            $"COPY ({select}) TO {DuckSession.Quote(path)} (FORMAT parquet, COMPRESSION zstd, PRESERVE_ORDER true{table.WriteOptions})", cancellation, parameters);
        if (rows == 0)
        {
            File.Delete(path);
            return 0;
        }

        var part = Describe(path, rows);
        _written.Add((table, part, pending));
        Manifest = Manifest.With(table, parts with
        {
            Next = parts.Next + 1,
            Parts = pending ? parts.Parts : [.. parts.Parts, part],
            Pending = pending ? [.. parts.Pending, part] : parts.Pending,
        });
        return rows;
    }

    /// <summary>Takes parts out of a table; their files stay until the next writer begins, for those who read them now.</summary>
    public void Drop(CatalogTable table, Func<CatalogPart, bool> condition)
        => Manifest = Manifest.With(table, Manifest[table] with { Parts = [.. Manifest[table].Parts.Where(part => !condition(part))] });

    /// <summary>Makes the pending parts the table.</summary>
    public void ReplaceByPending(CatalogTable table)
        => Manifest = Manifest.With(table, Manifest[table] with { Parts = Manifest[table].Pending, Pending = [] });

    /// <summary>Forgets the pending parts.</summary>
    public void DropPending(CatalogTable table) => Manifest = Manifest.With(table, Manifest[table] with { Pending = [] });

    /// <summary>Changes something else of the manifest.</summary>
    public void Update(Func<CatalogManifest, CatalogManifest> change) => Manifest = change(Manifest);

    /// <summary>Makes the step durable and then part of the catalog.</summary>
    /// <exception cref="StoreIOException"/>
    public void Commit()
    {
        foreach (var (table, part, _) in _written)
        {
            using var file = Posix.Open(Path.Combine(_writer.FolderOf(table), part.Name), OpenFlags.ReadOnly);
            Posix.Fsync(file);
        }

        foreach (var table in _written.Select(written => written.Table).Distinct())
        {
            using var folder = Posix.Open(_writer.FolderOf(table), OpenFlags.ReadOnly | OpenFlags.Directory);
            Posix.Fsync(folder);
        }

        _writer.Replace(Manifest);
    }

    private static CatalogPart Describe(string path, long rows)
    {
        using var file = File.OpenRead(path);
        return new CatalogPart(Path.GetFileName(path), rows, file.Length, Convert.ToHexStringLower(SHA256.HashData(file)));
    }
}
