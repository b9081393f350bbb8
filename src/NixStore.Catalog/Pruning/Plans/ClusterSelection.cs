using System.Globalization;
using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Prices;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Pruning.Plans;

/// <summary>
/// Chooses what goes of a catalog on a cluster, there. Then the rows that the plan depends on are brought into a session of the embedded engine, which writes it.
/// Memory: what goes, by hashes.
/// </summary>
internal sealed class ClusterSelection : IPruneSelection
{
    private const long RowsAtOnce = 16_000_000;

    // A set that is sent to every shard.
    private const long LargestSet = 5_000_000;

    private readonly ClusterCatalog _catalog;
    private readonly PruneRequest _request;
    private readonly IReadOnlyList<BinaryCachePruneClass> _classes;
    private readonly CancellationToken _cancellation;
    private readonly ClusterReachability? _reached;
    private readonly ClusterSession _cluster;
    private readonly HashSet<string> _going = new(StringComparer.Ordinal);
    private readonly Dictionary<byte, long> _counts = [];

    /// <summary>Walks from the roots, and prepares.</summary>
    internal ClusterSelection(ClusterCatalog catalog, PruneRequest request, IReadOnlyList<BinaryCachePruneClass> classes, CancellationToken cancellation)
    {
        (_catalog, _request, _classes, _cancellation) = (catalog, request, classes, cancellation);
        _reached = request.KeepRoots || request.Unreachable ? ClusterReachability.Open(catalog, request.Moment, cancellation) : null;
        try
        {
            _cluster = _reached?.Session ?? catalog.OpenSession(cancellation);
            Session = new DuckSession(new DuckOptions { TemporaryDirectory = TemporaryFolder.New("plan") });
            CatalogViews.Create(Session, _ => []);
            DuckFunction.Register(Session, "goes", Goes);
        }
        catch
        {
            Session?.Dispose();
            _cluster?.Dispose();
            _reached?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Location => _catalog.Location;

    /// <inheritdoc/>
    public CatalogManifest Manifest => _catalog.Manifest;

    /// <inheritdoc/>
    public DuckSession Session { get; }

    /// <summary>Found out anew: the session has all narinfos that share a NAR, but not the table.</summary>
    public string Shared => SqlText.Of("shared");

    /// <inheritdoc/>
    public ICostSource Costs => new ClusterCosts(_cluster, false, _cancellation);

    /// <inheritdoc/>
    public PrunePlanSource Source()
    {
        PlanSource.CheckFilled(Manifest, Location);
        var unread = HashRange.Split(Manifest[CatalogTable.Objects].Rows, RowsAtOnce).Sum(range => Number("unread", ("keys", range.Condition("key")), ("range", range.Condition("hash"))));
        return PlanSource.Of(Manifest, Location, _request.AllowUnreadable, unread, () => Number("unreadable"), () => Number("bad"), () => Number("unknown-links"));
    }

    /// <inheritdoc/>
    public void Choose(Action<string> report)
    {
        report("candidates");
        PruneCandidates.Give(Session, _request, _cancellation);
        MakeTables();
        Mark();
        if (!_request.AllowDangling)
        {
            report("what stays refers to");
            KeepReferenced();
        }

        OnEach("going");
        Count();
        report("what the plan depends on");
        Gather();
        Bring();

        // Of a cluster of which a part was missing in between, no plan is made.
        _cluster.Verify(_cancellation, countsRows: true);
    }

    /// <inheritdoc/>
    public long Count(byte mark) => _counts.GetValueOrDefault(mark);

    /// <inheritdoc/>
    public void Dispose()
    {
        Session.Dispose();
        _cluster.Dispose();
    }

    private void MakeTables()
    {
        Make("marks", "hash String, mark UInt8", "hash");
        Make("stays", "round UInt16, hash String", "hash");
        Make("kept", "hash String, round UInt16", "hash");
        Make("going", "hash String", "hash");
        Make("given_paths", "hash String", "hash");
        Make("given_nars", "key String", "key");
        Make("wanted_keys", "key String", "key");
        Make("derivers", "drv String", "drv");
        Make("logs", "drv String, key String", "drv");
        Give("given_paths", "hash");
        Give("given_nars", "key");
    }

    private void Make(string table, string columns, string key) => _cluster.MakeTable(table, columns, key, key, _cancellation);

    /// <summary>Sends what was given to the shards.</summary>
    private void Give(string table, string column)
    {
        using var rows = Session.Query($"SELECT {column} FROM {table}", _cancellation);
        _cluster.Insert(table, column, rows, _cancellation);
    }

    private void Mark()
    {
        if (PruneConditions.Since(_request.Moment, _request.MinimumAge) is { } since)
        {
            Make("young_nars", "key String", "key");
            OnEach("young-nars", ("since", ClusterDialect.Moment(since)));
        }

        var replacements = PruneCandidates.ReplacementsOf(ClusterDialect.Instance, _request, _classes);
        foreach (var range in HashRange.Split(Manifest[CatalogTable.NarInfos].Rows, RowsAtOnce))
        {
            var hashes = range.Condition("hash");
            OnEach("select", [.. replacements, ("range", hashes), ("steps", _reached is null ? "" : _cluster.Sql("steps", ("range", hashes)))]);
        }
    }

    /// <summary>In rounds: what stays because something that stays refers to it keeps others in its turn.</summary>
    private void KeepReferenced()
    {
        var candidates = _cluster.QueryNumber(_cluster.Expand("SELECT count() FROM {marks} WHERE mark = 1"), _cancellation);
        var filter = candidates > LargestSet ? "true" : "reference GLOBAL IN (SELECT hash FROM {marks} WHERE mark = 1)";
        var source = "hash NOT IN (SELECT hash FROM {marks_shard} WHERE mark = 1)";
        for (var round = 0; candidates > 0; round++)
        {
            var number = round.ToString(CultureInfo.InvariantCulture);
            OnEach("stays", ("round", number), ("source", source), ("filter", filter));
            OnEach("keep", ("round", number));
            if (_cluster.QueryNumber(_cluster.Expand($"SELECT count() FROM {{kept}} WHERE round = {number}"), _cancellation) == 0)
            {
                return;
            }

            source = $"hash IN (SELECT hash FROM {{kept_shard}} WHERE round = {number})";
        }
    }

    private void Count()
    {
        using var rows = _cluster.Query(_cluster.Expand("SELECT mark, count() AS count FROM {marks} GROUP BY mark"), _cancellation);
        while (rows.Read())
        {
            _counts[(byte)rows.GetInt64(0)] = rows.GetInt64(1);
        }

        var kept = _cluster.QueryNumber(_cluster.Expand("SELECT count() FROM {kept}"), _cancellation);
        _counts[PruneMarks.Goes] = Count(PruneMarks.Goes) - kept;
        _counts[PruneMarks.Of(PruneKeepReason.Referenced)] = Count(PruneMarks.Of(PruneKeepReason.Referenced)) + kept;
    }

    /// <summary>Finds out which objects and logs belong to what goes.</summary>
    private void Gather()
    {
        OnEach("going-urls");
        OnEach("wanted-links");
        OnEach("going-derivers");
        OnEach("logs");
        OnEach("wanted-logs");
    }

    /// <summary>Brings the rows that the plan depends on into the session.</summary>
    private void Bring()
    {
        using (var rows = _cluster.Query(_cluster.Expand("SELECT hash FROM {going}"), _cancellation))
        {
            while (rows.Read())
            {
                _going.Add(rows.GetText(0));
            }
        }

        Bring(CatalogTable.NarInfos, _cluster.Sql("Pruning/narinfos", ("shared", ClusterShared.Of(_cluster, _cancellation)), ("more", _request.AllowDangling ? _cluster.Sql("Pruning/referrers") : "false")));
        Bring(CatalogTable.Objects, _cluster.Sql("Pruning/objects"));
        Bring(CatalogTable.Links, _cluster.Sql("Pruning/links"));
        Session.Execute(SqlText.Of("Pruning/Planning/macros"), _cancellation);
    }

    private void Bring(CatalogTable table, string condition)
    {
        ClusterRows.Load(_cluster.Cluster, Session, $"planned_{table}", table, condition, _cancellation);
        var times = new List<string>();
        using (var rows = Session.Query($"SELECT column_name FROM (DESCRIBE form.{table}) WHERE column_type = 'TIMESTAMP_MS'", _cancellation))
        {
            while (rows.Read())
            {
                times.Add($"{rows.GetText(0)}::TIMESTAMP AS {rows.GetText(0)}");
            }
        }

        // As they come out of Parquet files, if there are any, so that a plan has the same types.
        Session.Execute($"CREATE OR REPLACE TEMP VIEW {table} AS SELECT *{(times.Count > 0 && Manifest[table].Parts.Count > 0 ? $" REPLACE ({string.Join(", ", times)})" : "")} FROM planned_{table}", _cancellation);
    }

    private void Goes(DuckVector hashes, Span<int> answers)
    {
        for (var row = 0; row < answers.Length; row++)
        {
            answers[row] = !hashes.IsNull(row) && _going.Contains(hashes.TextAt(row)) ? 1 : 0;
        }
    }

    private void OnEach(string name, params ReadOnlySpan<(string Name, string Text)> replacements)
        => _cluster.Cluster.ExecuteOnEach(_cluster.Sql($"Pruning/{name}", replacements), _cancellation);

    private long Number(string name, params ReadOnlySpan<(string Name, string Text)> replacements)
        => _cluster.QueryNumber(_cluster.Sql($"Pruning/{name}", replacements), _cancellation);
}
