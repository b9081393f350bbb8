using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.AccessLogs;

/// <summary>
/// Adds access logs to the table <c>downloads</c>, some files a step. A log that is there already, also under another name, is not counted twice. A
/// killed import is continued by the next one.
/// </summary>
/// <param name="writer">The catalog.</param>
public sealed class AccessLogImport(CatalogWriter writer)
{
    private long _lines;
    private int _files;

    /// <summary>Bytes of the files of a step.</summary>
    public long BytesAtOnce { get; init; } = 512 << 20;

    /// <summary>Lines read by now. Any thread.</summary>
    public long LinesDone => Interlocked.Read(ref _lines);

    /// <summary>Logs read by now. Any thread.</summary>
    public int FilesDone => Volatile.Read(ref _files);

    /// <summary>Does it.</summary>
    /// <param name="paths">Logs, plain, <c>.gz</c> or <c>.zst</c>.</param>
    /// <param name="onError">Told of a log that cannot be read; the others are.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="DuckException"/>
    /// <exception cref="OperationCanceledException"/>
    public AccessLogResult Run(IEnumerable<string> paths, Action<NixStoreException> onError, CancellationToken cancellation = default)
    {
        var known = (writer.Manifest.AccessLogs ?? new()).Files.Select(file => file.Digest).ToHashSet(StringComparer.Ordinal);
        var result = new AccessLogResult(0, 0, 0, 0, 0, 0);
        var batch = new List<AccessLogFile>();
        foreach (var path in paths.Order(StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            AccessLogFile file;
            try
            {
                file = AccessLogFile.Open(path, cancellation);
            }
            catch (NixStoreException error)
            {
                onError(error);
                continue;
            }

            if (!known.Add(file.Digest))
            {
                result = result with { KnownFiles = result.KnownFiles + 1 };
                continue;
            }

            if (batch.Count > 0 && (batch.Sum(other => other.Size) + file.Size > BytesAtOnce || batch[0].Compression != file.Compression))
            {
                result = Step(batch, result, onError, cancellation);
                batch.Clear();
            }

            batch.Add(file);
        }

        if (batch.Count > 0)
        {
            result = Step(batch, result, onError, cancellation);
        }

        if (writer.Manifest[CatalogTable.Downloads].Pending.Count > 0)
        {
            PendingMerge.Complete(writer, CatalogTable.Downloads, "AccessLogs/merge", keep: true, manifest => manifest, cancellation);
        }

        return result;
    }

    /// <summary>Some files together; one by one when one of them is damaged.</summary>
    private AccessLogResult Step(List<AccessLogFile> files, AccessLogResult result, Action<NixStoreException> onError, CancellationToken cancellation)
    {
        try
        {
            return Step(files, result, cancellation);
        }
        catch (DuckException error) when (error.ErrorId is "CatalogFileUnreadable" or "CatalogQueryFailed")
        {
            if (files.Count > 1)
            {
                return files.Aggregate(result, (before, file) => Step([file], before, onError, cancellation));
            }

            onError(new NixStoreException("AccessLogUnreadable", StoreErrorKind.InvalidData, $"The log '{files[0].Path}' is damaged: {error.Message}", files[0].Path,
                "Fetch it anew; nothing of it is in the catalog.", error));
            return result;
        }
    }

    private AccessLogResult Step(List<AccessLogFile> files, AccessLogResult result, CancellationToken cancellation)
    {
        var session = writer.Session;
        var names = string.Join(", ", files.Select(file => DuckSession.Quote(file.Path)));
        session.Execute($"CREATE OR REPLACE TEMP TABLE requests AS {SqlText.Of("AccessLogs/requests", ("files", names), ("compression", files[0].Compression), ("answers", @"2\d\d|304"))}", cancellation);
        using (var counts = session.Query(SqlText.Of("AccessLogs/counts"), cancellation))
        {
            counts.Read();
            result = result with
            {
                Files = result.Files + files.Count,
                Lines = result.Lines + counts.GetInt64(0),
                Requests = result.Requests + counts.GetInt64(1),
                UnknownNars = result.UnknownNars + counts.GetInt64(2),
                Unreadable = result.Unreadable + counts.GetInt64(3),
            };
        }

        var step = writer.BeginStep();
        step.Write(CatalogTable.Downloads, SqlText.Of("AccessLogs/rows"), pending: true, cancellation);
        var added = files.Select(file => new CatalogImportFile(Path.GetFileName(file.Path), file.Digest, 0));
        step.Update(manifest => manifest with { AccessLogs = new AccessLogProgress { Files = [.. (manifest.AccessLogs ?? new()).Files, .. added] } });
        step.Commit();
        session.Execute("DROP TABLE requests", CancellationToken.None);
        Interlocked.Exchange(ref _lines, result.Lines);
        Volatile.Write(ref _files, result.Files);
        return result;
    }
}
