using System.Globalization;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Roots;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Pruning.Plans;

/// <summary>Finds the objects that go with the paths of a plan, and writes them.</summary>
internal sealed class PlanObjects(CacheCatalog catalog, DuckSession session, CancellationToken cancellation)
{
    /// <summary>Decides on the NARs that were given without a path.</summary>
    internal void PlanOrphans(PruneRequest request)
    {
        var young = PruneConditions.Since(request.Moment, request.MinimumAge) is { } since ? $"o.last_modified_date > {RootSet.Literal(since)} OR o.last_modified_date IS NULL" : "false";
        session.Execute(SqlText.Of("Pruning/Planning/orphan-nars", ("young", young),
            ("youngMark", Mark(PruneKeepReason.TooYoung)), ("referencedMark", Mark(PruneKeepReason.Referenced))), cancellation);
    }

    /// <summary>How many of these have a mark.</summary>
    internal long CountOrphans(byte mark) => session.QueryNumber("SELECT count(*) FROM orphan_nars WHERE mark = $1", cancellation, (long)mark);

    /// <summary>Writes the objects; the paths are written.</summary>
    /// <param name="writer">The plan.</param>
    /// <param name="paths">How many these are.</param>
    internal void Write(PrunePlanWriter writer, long paths)
    {
        var shared = SharedNars.IsKnown(catalog.Manifest) ? "FROM shared" : SqlText.Of("shared");
        session.Execute(SqlText.Of("Pruning/Planning/shared", ("shared", shared)), cancellation);
        session.Execute(SqlText.Of("Pruning/Planning/plan-nars"), cancellation);
        session.Execute(SqlText.Of("Pruning/Planning/side-objects"), cancellation);
        foreach (var range in HashRange.Split(paths))
        {
            writer.Write(session, PrunePlanTable.Objects, SqlText.Of("Pruning/Planning/first-wave", ("keys", range.Condition("key")), ("hashes", range.Condition("hash"))), cancellation);
        }

        foreach (var range in HashRange.Split(paths).Select(range => range.Behind("nar/")))
        {
            writer.Write(session, PrunePlanTable.Objects, SqlText.Of("Pruning/Planning/second-wave", ("urls", range.Condition("url")), ("keys", range.Condition("key"))), cancellation);
        }

        writer.CreateView(session, PrunePlanTable.Objects);
    }

    private static string Mark(PruneKeepReason reason) => PruneMarks.Of(reason).ToString(CultureInfo.InvariantCulture);
}
