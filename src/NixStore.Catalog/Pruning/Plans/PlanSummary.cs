using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Prices;
using NixStore.Catalog.Sql;

namespace NixStore.Catalog.Pruning.Plans;

/// <summary>Adds up the tables of a plan that is being made.</summary>
internal sealed class PlanSummary(IPruneSelection selection, PrunePlanWriter writer, PruneRequest request, CancellationToken cancellation)
{
    // Sizes are grouped by their logarithm, fifty steps for a factor of e.
    private const double Steps = 50;

    // Tukey's far fences, and a doubling for classes that are nearly all of one size.
    private const double Fence = 3;
    private const double Slack = 0.7 * Steps;
    private const long FewestForOutliers = 4;

    private readonly DuckSession _session = selection.Session;

    /// <summary>What goes, by class, in the order of the classes that there are.</summary>
    internal IReadOnlyList<PrunePlanClass> Classes()
    {
        var outliers = Outliers();
        var classes = new List<PrunePlanClass>();
        using var rows = _session.Query(SqlText.Of("Pruning/Planning/classes"), cancellation);
        while (rows.Read())
        {
            var name = rows.TryGetText(0);
            classes.Add(new PrunePlanClass
            {
                Name = name,
                Paths = rows.GetInt64(1),
                Bytes = rows.TryGetInt64(2) ?? 0,
                Oldest = rows.TryGetTime(3),
                Newest = rows.TryGetTime(4),
                Outliers = [.. outliers[name ?? ""]],
            });
        }

        var order = request.KnownClasses.Select((item, place) => (item.Name, place)).ToDictionary(item => item.Name, item => item.place, StringComparer.Ordinal);
        return [.. classes.OrderBy(item => item.Name is null ? int.MaxValue : order[item.Name])];
    }

    /// <summary>What it amounts to.</summary>
    internal PrunePlanTotals Totals()
    {
        var (objects, bytes, unknown) = (new SortedDictionary<string, long>(StringComparer.Ordinal), new SortedDictionary<string, long>(StringComparer.Ordinal), 0L);
        using (var rows = _session.Query(SqlText.Of("Pruning/Planning/totals"), cancellation))
        {
            while (rows.Read())
            {
                (objects[rows.GetText(0)], bytes[rows.GetText(0)]) = (rows.GetInt64(1), rows.GetInt64(2));
                unknown += rows.GetInt64(3);
            }
        }

        var cost = Cost();
        return new PrunePlanTotals
        {
            Paths = writer.RowsOf(PrunePlanTable.NarInfos),
            Objects = objects,
            Bytes = bytes,
            UnknownObjects = unknown,
            DanglingReferences = writer.RowsOf(PrunePlanTable.Dangling),
            MonthlyCost = Rounded(cost?.StoragePerMonth),
            EarlyDeletionCost = Rounded(cost?.EarlyDeletion),
            Currency = request.Prices?.Currency,
            PricesOf = request.Prices?.Date,
        };
    }

    // To the millionth, without zeros at its end: equal costs are equal texts.
    private static decimal? Rounded(decimal? cost) => cost is { } value ? decimal.Round(value, 6) / 1.000000000000000000000000000000m : null;

    private GroupCost? Cost()
    {
        if (request.Prices is null)
        {
            return null;
        }

        var costs = new CostEstimate(selection.Costs, selection.Manifest, request.Prices, request.Moment);
        var planned = new DuckCosts(_session, selection.Shared, cancellation);
        planned.Use(request.Prices, request.Moment);
        return costs.Of(planned.Billed(SqlText.Of(costs.Basis == BinaryCacheCostBasis.Objects ? "Pruning/Planning/priced" : "Pruning/Planning/priced-narinfos")));
    }

    private ILookup<string, PrunePlanOutlier> Outliers()
    {
        _session.Execute("CREATE OR REPLACE TEMP TABLE bounds (class VARCHAR, least BIGINT, most BIGINT)", cancellation);
        foreach (var (name, least, most) in Bounds())
        {
            _session.Execute("INSERT INTO bounds VALUES ($1, $2, $3)", cancellation, name, least, most);
        }

        var found = new List<(string Class, PrunePlanOutlier Outlier)>();
        using var rows = _session.Query(SqlText.Of("Pruning/Planning/outliers"), cancellation);
        while (rows.Read())
        {
            found.Add((rows.TryGetText(0) ?? "", new PrunePlanOutlier($"{selection.Manifest.StoreDirectory}/{rows.GetText(1)}-{rows.GetText(2)}", rows.GetInt64(3))));
        }

        return found.ToLookup(item => item.Class, item => item.Outlier);
    }

    /// <summary>Of each class of several paths, the sizes between which most are. Only a class's: what is of none may be of any size.</summary>
    private List<(string Name, long Least, long Most)> Bounds()
    {
        var sizes = new SortedDictionary<string, List<(int Step, long Count)>>(StringComparer.Ordinal);
        using var rows = _session.Query(SqlText.Of("Pruning/Planning/sizes"), cancellation);
        while (rows.Read())
        {
            if (rows.TryGetText(0) is { } name)
            {
                sizes.TryAdd(name, []);
                sizes[name].Add(((int)rows.GetInt64(1), rows.GetInt64(2)));
            }
        }

        return [.. sizes.Where(item => item.Value.Sum(step => step.Count) >= FewestForOutliers).Select(item =>
        {
            var (first, third) = (Quantile(item.Value, 0.25), Quantile(item.Value, 0.75));
            var fence = (Fence * (third - first)) + Slack;
            return (item.Key, (long)Math.Exp(Math.Max(0, first - fence) / Steps), (long)Math.Exp(Math.Min(40 * Steps, third + 1 + fence) / Steps));
        })];
    }

    private static int Quantile(List<(int Step, long Count)> sizes, double share)
    {
        var wanted = (long)(sizes.Sum(size => size.Count) * share);
        foreach (var (step, count) in sizes)
        {
            if ((wanted -= count) < 0)
            {
                return step;
            }
        }

        return sizes[^1].Step;
    }
}
