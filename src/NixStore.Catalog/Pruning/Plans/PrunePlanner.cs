using NixStore.Caches.Http;
using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Pruning.Classes;
using NixStore.Catalog.Roots;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Pruning.Plans;

/// <summary>
/// Chooses what is to be removed from a cache and writes it as a plan. The same catalog, request and moment give the same bytes.
/// </summary>
public sealed class PrunePlanner : IDisposable
{
    private readonly IPruneSelection _selection;
    private readonly PruneRequest _request;
    private readonly CancellationToken _cancellation;
    private readonly IReadOnlyList<BinaryCachePruneClass> _classes;

    private PrunePlanner(ICatalog catalog, PruneRequest request, CancellationToken cancellation)
    {
        _cancellation = cancellation;
        _request = request with { Moment = Whole(request.Moment), Before = request.Before is { } before ? Whole(before) : null };
        _classes = PruneClasses.Named(request.KnownClasses, request.Classes);
        request.Report?.Invoke("references");
        try
        {
            _selection = catalog is ClusterCatalog cluster ? new ClusterSelection(cluster, _request, _classes, cancellation)
                : new DuckSelection((CacheCatalog)catalog, _request, _classes, cancellation);
        }
        catch (NixStoreException error) when (error.ErrorId == "CatalogHasNoRoots" && !request.Unreachable)
        {
            throw new NixStoreException(error.ErrorId, error.Kind, $"The catalog '{catalog}' has no roots, so that nothing says what must stay.", catalog.Location,
                "Say so by Add-BinaryCacheRoot; or, when whatever is meant may go, by -KeepRoots:$false.", error);
        }
    }

    /// <summary>Makes a plan.</summary>
    /// <param name="catalog">What it is made of.</param>
    /// <param name="directory">The plan's folder: none, an empty one, or an unfinished plan.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="cancellation">Stops; what is written by then is no plan.</param>
    /// <exception cref="NixStoreException">
    /// PrunePolicyEmpty: nothing says what is meant; PrunePlanEmpty: nothing goes; PruneClassNotFound; CatalogTableEmpty, CatalogNotUpToDate, CatalogNarInfosUnreadable; PrunePlanExists,
    /// PrunePlanFolderNotEmpty; PriceMissing; those of <see cref="RootReachability.Open"/>; <see cref="DuckException"/>; errors of writing.
    /// </exception>
    /// <exception cref="OperationCanceledException"/>
    public static PrunePlan Make(ICatalog catalog, string directory, PruneRequest request, CancellationToken cancellation = default)
    {
        if (!request.IsSpecific)
        {
            throw new NixStoreException("PrunePolicyEmpty", StoreErrorKind.InvalidArgument, "Nothing says which paths are to go.", directory,
                "Give paths of Find-BinaryCachePath, or one of -Unreachable, -Name, -Class and -OlderThan.");
        }

        PrunePlanWriter.Check(directory);
        using var planner = new PrunePlanner(catalog, request, cancellation);
        return planner.Run(directory);
    }

    /// <inheritdoc/>
    public void Dispose() => _selection.Dispose();

    private PrunePlan Run(string directory)
    {
        Report("catalog");
        var source = _selection.Source();
        _selection.Choose(Report);
        var objects = new PlanObjects(_selection, _cancellation);
        objects.PlanOrphans(_request);
        var kept = KeptOf(objects);
        if (_selection.Count(PruneMarks.Goes) == 0 && objects.CountOrphans(PruneMarks.Goes) == 0)
        {
            throw new NixStoreException("PrunePlanEmpty", StoreErrorKind.NotFound, $"Nothing goes{(kept.Count == 0 ? ": there is no candidate" : $": of the candidates, {string.Join(", ", kept.Select(item => $"{item.Paths:N0} stay ({item.Reason})"))}")}.",
                _selection.Location, "Change what is asked for.");
        }

        return Write(PrunePlanWriter.Create(directory), objects, source, kept);
    }

    private PrunePlan Write(PrunePlanWriter writer, PlanObjects objects, PrunePlanSource source, IReadOnlyList<PrunePlanKept> kept)
    {
        Report("paths");
        foreach (var range in HashRange.Split(_selection.Count(PruneMarks.Goes)))
        {
            writer.Write(_selection.Session, PrunePlanTable.NarInfos, SqlText.Of("Pruning/Planning/narinfos",
                ("class", PruneConditions.ClassOf(_request.KnownClasses)), ("range", range.Condition("hash"))), _cancellation);
        }

        writer.CreateView(_selection.Session, PrunePlanTable.NarInfos);
        Report("objects");
        objects.Write(writer, _selection.Count(PruneMarks.Goes));
        if (_request.AllowDangling)
        {
            Report("dangling references");
            foreach (var range in HashRange.Split(_selection.Manifest[CatalogTable.NarInfos].Rows))
            {
                writer.Write(_selection.Session, PrunePlanTable.Dangling, SqlText.Of("Pruning/Planning/dangling", ("range", range.Condition("hash"))), _cancellation);
            }
        }

        Report("summary");
        var summary = new PlanSummary(_selection, writer, _request, _cancellation);
        var plan = new BinaryCachePrunePlan
        {
            CreatedAt = _request.Moment,
            Author = _request.Author,
            Cache = WithoutSecrets(_selection.Manifest.Cache),
            StoreDirectory = _selection.Manifest.StoreDirectory,
            Source = source,
            Policy = PruneCandidates.PolicyOf(_request, _classes),
            Classes = summary.Classes(),
            Kept = kept,
            Totals = summary.Totals(),
        };
        return writer.Finish(plan);
    }

    private void Report(string what) => _request.Report?.Invoke(what);

    private IReadOnlyList<PrunePlanKept> KeptOf(PlanObjects objects)
        => [.. Enum.GetValues<PruneKeepReason>().Select(reason => new PrunePlanKept(reason, _selection.Count(PruneMarks.Of(reason)) + objects.CountOrphans(PruneMarks.Of(reason))))
            .Where(item => item.Paths > 0)];

    /// <summary>What the tables can tell apart, and all engines read the same.</summary>
    private static DateTimeOffset Whole(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());

    /// <summary>An address without user and password.</summary>
    private static string? WithoutSecrets(string? address)
        => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.UserInfo.Length > 0 ? HttpFailure.Shown(uri) : address;
}
