using System.Globalization;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Roots;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Pruning.Plans;

/// <summary>Finds the objects that go with the paths of a plan, and writes them.</summary>
internal sealed class PlanObjects(IPruneSelection selection, CancellationToken cancellation)
{
    private readonly DuckSession _session = selection.Session;

    /// <summary>Decides on the NARs that were given without a path.</summary>
    internal void PlanOrphans(PruneRequest request)
    {
        var young = PruneConditions.Since(request.Moment, request.MinimumAge) is { } since ? $"o.last_modified_date > {RootSet.Literal(since)} OR o.last_modified_date IS NULL" : "false";
        _session.Execute(SqlText.Of("Pruning/Planning/orphan-nars", ("young", young),
            ("youngMark", Mark(PruneKeepReason.TooYoung)), ("referencedMark", Mark(PruneKeepReason.Referenced))), cancellation);
    }

    /// <summary>How many of these have a mark.</summary>
    internal long CountOrphans(byte mark) => _session.QueryNumber("SELECT count(*) FROM orphan_nars WHERE mark = $1", cancellation, (long)mark);

    /// <summary>Writes the objects; the paths are written.</summary>
    /// <param name="writer">The plan.</param>
    /// <param name="paths">How many these are.</param>
    internal void Write(PrunePlanWriter writer, long paths)
    {
        _session.Execute(SqlText.Of("Pruning/Planning/shared", ("shared", selection.Shared)), cancellation);
        _session.Execute(SqlText.Of("Pruning/Planning/plan-nars"), cancellation);
        _session.Execute(SqlText.Of("Pruning/Planning/side-objects"), cancellation);
        foreach (var range in HashRange.Split(paths))
        {
            writer.Write(_session, PrunePlanTable.Objects, SqlText.Of("Pruning/Planning/first-wave", ("keys", range.Condition("key")), ("hashes", range.Condition("hash"))), cancellation);
        }

        foreach (var range in HashRange.Split(paths).Select(range => range.Behind("nar/")))
        {
            writer.Write(_session, PrunePlanTable.Objects, SqlText.Of("Pruning/Planning/second-wave", ("urls", range.Condition("url")), ("keys", range.Condition("key"))), cancellation);
        }

        writer.CreateView(_session, PrunePlanTable.Objects);
    }

    private static string Mark(PruneKeepReason reason) => PruneMarks.Of(reason).ToString(CultureInfo.InvariantCulture);
}
