using Microsoft.Data.Sqlite;
using NixStore.Engine.Database;

namespace NixStore.Engine.Examination;

/// <summary>
/// Content addresses: with the references, they give the path, so that a lost reference of a source or a .drv is seen without reading a file
/// (Nix libstore/path-info.cc:isContentAddressed).
/// </summary>
internal sealed class ContentAddressCheck : IDatabaseCheck
{
    /// <inheritdoc/>
    public string Subject => "content addresses";

    /// <inheritdoc/>
    public IEnumerable<StoreDatabaseFinding> Run(ExaminedStore examined)
    {
        var (addressed, selfReferring) = examined.Read(connection => Read(examined, connection));
        var graph = examined.Graph;
        var dangling = graph.DanglingReferences.Select(reference => reference.ReferrerRow).ToHashSet();
        var paths = new StorePathFactory(examined.Store.Directory);
        foreach (var (id, path, address) in addressed)
        {
            examined.Cancellation.ThrowIfCancellationRequested();
            var node = graph.FindRow(id);
            if (node < 0 || dangling.Contains(id) || examined.RowsWithWrongReferences.Contains(id))
            {
                continue;
            }

            var references = new List<StorePath>();
            foreach (var target in graph.References[node])
            {
                if (examined.Store.Directory.TryParse(graph.PathOf(target), out var reference))
                {
                    references.Add(reference);
                }
            }

            if (selfReferring.Contains(id))
            {
                references.Add(path);
            }

            if (!paths.Proves(path, address, references))
            {
                yield return examined.Found(StoreDatabaseFindingKind.ContentAddressMismatch,
                    $"the content address {address} and the {references.Count} references in the database do not give this path: one of them is wrong",
                    "ValidPaths", id, examined.Store.Directory.Print(path));
            }
        }
    }

    private static (List<(long Id, StorePath Path, ContentAddress Address)> Addressed, HashSet<long> SelfReferring) Read(
        ExaminedStore examined, SqliteConnection connection)
    {
        var addressed = new List<(long, StorePath, ContentAddress)>();
        _ = TableScan.Run(connection, "ValidPaths", "path, ca", row =>
        {
            if (!row.IsNull(2) && ContentAddress.TryParse(row.Text(2), out var address) && examined.Store.Directory.TryParse(row.Text(1), out var path))
            {
                addressed.Add((row.Int64(0), path, address));
            }
        }, examined.Cancellation);

        // The graph leaves these out.
        using var self = new Statement(connection, "select referrer from Refs not indexed where referrer = reference");
        var selfReferring = new HashSet<long>();
        while (self.Step())
        {
            selfReferring.Add(self.Int64(0));
        }

        return (addressed, selfReferring);
    }
}
