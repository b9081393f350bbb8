using NixStore.Catalog.AccessLogs;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Pruning.Trash;

/// <summary>Finds in access logs what was asked for in vain: narinfos and NARs that a server did not have, or would not say that it has.</summary>
public static class AccessLogMisses
{
    private const string Answers = @"404|403|410";

    /// <summary>Reads logs.</summary>
    /// <param name="paths">Logs, plain, <c>.gz</c> or <c>.zst</c>, in the forms that Import-BinaryCacheAccessLog reads.</param>
    /// <param name="since">Requests before it do not count: what they asked for was there, or nobody's yet.</param>
    /// <param name="onError">Told of a log that cannot be read; the others are.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>Hash parts, and keys of NARs.</returns>
    /// <exception cref="OperationCanceledException"/>
    public static IReadOnlyList<string> Find(IEnumerable<string> paths, DateTimeOffset since, Action<NixStoreException> onError, CancellationToken cancellation = default)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        using var session = new DuckSession(new DuckOptions { TemporaryDirectory = TemporaryFolder.New("logs") });
        foreach (var path in paths)
        {
            try
            {
                var log = AccessLogFile.Open(path, cancellation);
                var requests = SqlText.Of("AccessLogs/requests", ("files", DuckSession.Quote(log.Path)), ("compression", log.Compression), ("answers", Answers));
                using var rows = session.Query(SqlText.Of("Pruning/Trash/missed", ("requests", requests)), cancellation, since);
                while (rows.Read())
                {
                    found.Add(rows.GetText(0));
                }
            }
            catch (NixStoreException error) when (error is DuckException or { ErrorId: "AccessLogUnreadable" })
            {
                onError(error);
            }
        }

        return [.. found];
    }
}
