using System.Globalization;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Feeding;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Datasets;

/// <summary>
/// Reads a published dataset of narinfos (Parquet) into the table, instead of fetching them one by one; a range of rows a step. What the table has
/// already stays as it is; a row that may not be in it becomes a finding. A killed import is continued by the next one.
/// </summary>
/// <param name="path">A Parquet file.</param>
public sealed class DatasetImport(string path)
{
    private readonly string _path = Path.GetFullPath(path);
    private long _done;

    /// <summary>Rows a step.</summary>
    public int StepSize { get; init; } = 1_000_000;

    /// <summary>Rows of the dataset.</summary>
    public long Total { get; private set; }

    /// <summary>Rows that were looked at.</summary>
    public long Done => Interlocked.Read(ref _done);

    /// <summary>Is told of each step that is in the catalog; null = nobody.</summary>
    internal Action? AfterStep { get; init; }

    /// <summary>Imports it.</summary>
    /// <exception cref="NixStoreException">DatasetNotFound, DatasetNotRecognised; <see cref="DuckException"/>; errors of writing.</exception>
    public FeedResult Run(ICatalogWriter writer, CancellationToken cancellation = default)
    {
        if (!File.Exists(_path))
        {
            throw new NixStoreException("DatasetNotFound", StoreErrorKind.NotFound, $"There is no dataset '{_path}'.", _path, "Give the path of a Parquet file.");
        }

        var session = writer.Session;
        var columns = new DatasetColumns(session, _path, writer.Manifest.StoreDirectory);
        Total = session.QueryNumber("SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata($1)", cancellation, _path);
        var digest = string.Create(CultureInfo.InvariantCulture, $"{new FileInfo(_path).Length}-{Total}");
        var import = writer.Manifest.Imports.FirstOrDefault(other => other.Source == _path && other.Kind == CatalogImportKind.Dataset && other.Files.All(file => file.Digest == digest))
            ?? new CatalogImport { Source = _path, Kind = CatalogImportKind.Dataset };
        long rows = 0, findings = 0;
        for (var start = (long)import.Files.Count * StepSize; start < Total; start += StepSize)
        {
            Interlocked.Exchange(ref _done, start);
            var end = Math.Min(start + StepSize, Total);
            import = import with { IsComplete = end == Total };
            var (good, bad) = Step(writer, columns, ref import, start, end, digest, cancellation);
            (rows, findings) = (rows + good, findings + bad);
            AfterStep?.Invoke();
        }

        Interlocked.Exchange(ref _done, Total);
        writer.RefreshShared(cancellation);
        return new FeedResult(rows, 0, findings);
    }

    private (long Rows, long Findings) Step(
        ICatalogWriter writer, DatasetColumns columns, ref CatalogImport import, long start, long end, string digest, CancellationToken cancellation)
    {
        var session = writer.Session;
        session.Execute($"""
            CREATE OR REPLACE TEMP TABLE read_rows AS
            SELECT {columns.Select}, file_row_number AS place FROM {DuckFiles.NumberedParquet(_path)}
            WHERE file_row_number >= {start} AND file_row_number < {end}
            """, cancellation);
        var valid = SqlText.Of("valid-narinfo");
        var known = writer.FindKnown("SELECT DISTINCT hash FROM read_rows", cancellation);
        var step = writer.BeginStep();

        // The first of several rows of one hash counts.
        var rows = step.Write(CatalogTable.NarInfos, $"""
            SELECT * EXCLUDE (place) FROM read_rows r
            WHERE {valid} AND NOT EXISTS (SELECT 1 FROM {known} n WHERE n.hash = r.hash)
              AND NOT EXISTS (SELECT 1 FROM read_rows e WHERE e.hash = r.hash AND e.place < r.place)
            ORDER BY hash
            """, cancellation: cancellation);
        var findings = step.Write(CatalogTable.Findings, $"""
            SELECT coalesce(hash, '?') || '.narinfo', '{FindingKinds.Corrupt}', 'The dataset has a name, address or hash for it that cannot be.', e_tag
            FROM read_rows WHERE NOT {valid} ORDER BY hash, place
            """, cancellation: cancellation);
        var next = import with { Files = [.. import.Files, new CatalogImportFile(string.Create(CultureInfo.InvariantCulture, $"{start}-{end}"), digest, rows)] };
        step.Update(manifest => manifest.With(next));
        step.Commit();
        import = next;
        session.Execute("DROP TABLE read_rows", CancellationToken.None);
        return (rows, findings);
    }
}
