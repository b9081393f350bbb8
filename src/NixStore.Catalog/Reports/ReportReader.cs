using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Orphans;
using NixStore.Catalog.Prices;
using NixStore.Catalog.Querying;
using NixStore.Catalog.Roots;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Reports;

/// <summary>Asks a catalog for all that a report says.</summary>
internal sealed class ReportReader : IDisposable
{
    // Systems are what narinfos say, and these may say anything.
    private const int MostGroups = 100;

    private readonly CacheCatalog _catalog;
    private readonly ReportOptions _options;
    private readonly Action<string> _report;
    private readonly CancellationToken _cancellation;
    private readonly DuckSession _session;
    private readonly string _shared;

    /// <summary>Begins.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">What is wanted.</param>
    /// <param name="report">Gets what is being asked.</param>
    /// <param name="cancellation">Stops.</param>
    internal ReportReader(CacheCatalog catalog, ReportOptions options, Action<string> report, CancellationToken cancellation)
    {
        (_catalog, _options, _report, _cancellation) = (catalog, options, report, cancellation);
        _session = catalog.OpenSession();
        _shared = SharedNars.IsKnown(catalog.Manifest) ? "FROM shared" : SqlText.Of("shared");
    }

    private bool HasNarInfos => _catalog.Manifest[CatalogTable.NarInfos].Rows > 0;

    private bool HasObjects => _catalog.Manifest[CatalogTable.Objects].Rows > 0;

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    /// <summary>Reads it.</summary>
    /// <exception cref="NixStoreException">PriceMissing; <see cref="DuckException"/></exception>
    internal ReportContents Read()
    {
        var plan = _options.Plan is { } given ? ReportPlan.Of(given, _catalog) : null;
        _session.Execute(SqlText.Of("Reports/macros"), _cancellation);
        _report("days");
        var days = ReadDays();
        _report("prices");
        var costs = _options.Prices is { } prices ? new CostEstimate(new DuckCosts(_session, SharedNars.QueryOf(_catalog.Manifest), _cancellation), _catalog.Manifest, prices, _options.Made) : null;
        _report("groups");
        var classes = HasObjects ? Groups(BinaryCacheGrouping.StorageClass, costs) : [];
        var total = HasNarInfos ? Groups(BinaryCacheGrouping.None, HasObjects ? null : costs).Single() : null;
        var contents = new ReportContents
        {
            Title = _options.Title ?? $"Binary cache {_catalog.Manifest.Cache ?? Path.GetFileNameWithoutExtension(_catalog.Directory.TrimEnd('/'))}",
            Cache = _catalog.Manifest.Cache,
            Made = _options.Made,
            Sources = [.. _catalog.Manifest.Imports.Select(import => new ReportSource(import.Source, import.Kind.ToString(), import.Created))],
            Total = total,
            HasNarInfos = HasNarInfos,
            Days = [.. days.Where(day => day.Day is not null)],
            Undated = days.Find(day => day.Day is null),
            StorageClasses = classes,
            Kinds = HasObjects ? Groups(BinaryCacheGrouping.Kind, costs) : [],
            Compressions = HasNarInfos ? Groups(BinaryCacheGrouping.Compression, null) : [],
            Systems = HasNarInfos ? Groups(BinaryCacheGrouping.System, null) : [],
            Names = HasNarInfos ? Groups(BinaryCacheGrouping.PackageName, costs, _options.Top) : [],
            Paths = ReadPaths(),
            Findings = ReadFindings(),
            Roots = ReadRoots(),
            Prices = costs is null ? null : new ReportPrices(_options.Prices!.Name, _options.Prices.Date, _options.Prices.Currency,
                costs.Basis == BinaryCacheCostBasis.Objects, HasObjects ? classes.Sum(group => group.Cost ?? 0) : total?.Cost ?? 0),
        };
        return WithOrphans(contents with { Plan = plan });
    }

    private List<ReportGroup> Groups(BinaryCacheGrouping by, CostEstimate? costs, int most = MostGroups)
        => [.. CacheMeasurement.Measure(_session, _catalog, by, costs is null ? null : _options.Prices, costs, _cancellation).Take(most).Select(measure => new ReportGroup(
            measure.Group, measure.PathCount ?? measure.ObjectCount ?? 0, measure.FileSize ?? measure.ObjectSize ?? 0, measure.NarSize, measure.NarCount, measure.StorageCostPerMonth))];

    private List<ReportDay> ReadDays()
    {
        var days = new List<ReportDay>();
        using var rows = _session.Query(HasNarInfos ? SqlText.Of("Reports/uploads", ("shared", _shared)) : SqlText.Of("Reports/objectuploads"), _cancellation);
        while (rows.Read())
        {
            days.Add(new ReportDay(DayOf(rows, 0), rows.GetInt64(1), rows.TryGetInt64(2) ?? 0));
        }

        return days;
    }

    private List<ReportPath> ReadPaths()
    {
        var paths = new List<ReportPath>();
        using var rows = _session.Query(SqlText.Of("Reports/paths", ("shared", _shared)), _cancellation, (long)_options.Top);
        while (rows.Read())
        {
            paths.Add(new ReportPath($"{_catalog.Manifest.StoreDirectory}/{rows.GetText(0)}-{rows.TryGetText(1)}", rows.GetInt64(2), rows.TryGetInt64(3) ?? 0, DayOf(rows, 4)));
        }

        return paths;
    }

    private List<ReportFinding> ReadFindings()
    {
        var findings = new List<ReportFinding>();
        using var rows = _session.Query(SqlText.Of("Reports/findings"), _cancellation);
        while (rows.Read())
        {
            findings.Add(new ReportFinding(rows.TryGetText(0) ?? "", rows.GetInt64(1), rows.TryGetText(2) ?? "", rows.TryGetText(3) ?? ""));
        }

        return findings;
    }

    private IReadOnlyList<ReportRoots> ReadRoots()
        => [.. RootSearch.Summarize(_catalog, new RootFilter(), _options.Made, _cancellation).OrderByDescending(origin => origin.Count).Take(MostGroups)
            .Select(origin => new ReportRoots(origin.Kind.ToString(), origin.Origin, origin.Count))];

    private static DateOnly? DayOf(DuckRows rows, int column) => rows.TryGetTime(column) is { } time ? DateOnly.FromDateTime(time.UtcDateTime) : null;

    private ReportContents WithOrphans(ReportContents contents)
    {
        var counts = new List<ReportCount>();
        IReadOnlyList<ReportOrphanDay>? unknown = null;
        foreach (var kind in OrphanSearch.KindsOf(_catalog))
        {
            _report($"orphans: {kind}");
            var days = OrphanSearch.CountPerDay(_catalog, kind, new OrphanFilter(), _cancellation);
            counts.Add(new ReportCount(kind.ToString(), days.Sum(day => day.OrphanCount)));
            if (kind == BinaryCacheOrphanKind.UnknownToHydra)
            {
                unknown = [.. days.Where(day => day.Day is not null).Select(day => new ReportOrphanDay(day.Day, day.Count, day.OrphanCount))];
            }
        }

        return contents with { Orphans = counts, OrphanDays = unknown };
    }
}
