using NixStore.Caches.Http;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Graph;
using NixStore.Catalog.Pruning.Classes;
using NixStore.Catalog.Roots;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Pruning.Plans;

/// <summary>
/// Chooses what is to be removed from a cache and writes it as a plan. The same catalog, request and moment give the same bytes. Memory: a byte a narinfo
/// beside what the engine may use.
/// </summary>
public sealed class PrunePlanner : IDisposable
{
    private readonly CacheCatalog _catalog;
    private readonly PruneRequest _request;
    private readonly CancellationToken _cancellation;
    private readonly IReadOnlyList<BinaryCachePruneClass> _classes;
    private readonly RootReachability? _roots;
    private readonly CatalogGraph _graph;
    private readonly PruneMarks _marks;
    private readonly DuckSession _session;

    private PrunePlanner(CacheCatalog catalog, PruneRequest request, CancellationToken cancellation)
    {
        (_catalog, _cancellation) = (catalog, cancellation);
        _request = request with { Moment = Whole(request.Moment), Before = request.Before is { } before ? Whole(before) : null };
        _classes = PruneClasses.Named(request.KnownClasses, request.Classes);
        request.Report?.Invoke("references");
        try
        {
            _roots = request.KeepRoots || request.Unreachable ? RootReachability.Open(catalog, _request.Moment, request.GraphProgress, cancellation) : null;
            _graph = CatalogGraph.Open(catalog, Environment.ProcessorCount, request.GraphProgress, cancellation);
            _marks = new PruneMarks(_graph.References);
            _session = catalog.OpenSession();
        }
        catch (NixStoreException error) when (error.ErrorId == "CatalogHasNoRoots" && !request.Unreachable)
        {
            throw new NixStoreException(error.ErrorId, error.Kind, $"The catalog '{catalog}' has no roots, so that nothing says what must stay.", catalog.Directory,
                "Say so by Add-BinaryCacheRoot; or, when whatever is meant may go, by -KeepRoots:$false.", error);
        }
        catch
        {
            _graph?.Dispose();
            _roots?.Dispose();
            throw;
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
    public static PrunePlan Make(CacheCatalog catalog, string directory, PruneRequest request, CancellationToken cancellation = default)
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
    public void Dispose()
    {
        // The session asks the graphs.
        _session.Dispose();
        _graph.Dispose();
        _roots?.Dispose();
    }

    private PrunePlan Run(string directory)
    {
        _roots?.Register(_session);
        _marks.Register(_session);
        _session.Execute(SqlText.Of("Pruning/Planning/macros"), _cancellation);
        Report("catalog");
        var source = PlanSource.Of(_catalog, _session, _request.AllowUnreadable, _cancellation);
        Report("candidates");
        new PruneCandidates(_session, _request, _classes, _cancellation).Mark(_marks);
        if (!_request.AllowDangling)
        {
            Report("what stays refers to");
            _marks.KeepReferenced(_cancellation);
        }

        var objects = new PlanObjects(_catalog, _session, _cancellation);
        objects.PlanOrphans(_request);
        var kept = KeptOf(objects);
        if (_marks.Count(PruneMarks.Goes) == 0 && objects.CountOrphans(PruneMarks.Goes) == 0)
        {
            throw new NixStoreException("PrunePlanEmpty", StoreErrorKind.NotFound, $"Nothing goes{(kept.Count == 0 ? ": there is no candidate" : $": of the candidates, {string.Join(", ", kept.Select(item => $"{item.Paths:N0} stay ({item.Reason})"))}")}.",
                _catalog.Directory, "Change what is asked for.");
        }

        return Write(PrunePlanWriter.Create(directory), objects, source, kept);
    }

    private PrunePlan Write(PrunePlanWriter writer, PlanObjects objects, PrunePlanSource source, IReadOnlyList<PrunePlanKept> kept)
    {
        Report("paths");
        foreach (var range in HashRange.Split(_marks.Count(PruneMarks.Goes)))
        {
            writer.Write(_session, PrunePlanTable.NarInfos, SqlText.Of("Pruning/Planning/narinfos",
                ("class", PruneConditions.ClassOf(_request.KnownClasses)), ("range", range.Condition("hash"))), _cancellation);
        }

        writer.CreateView(_session, PrunePlanTable.NarInfos);
        Report("objects");
        objects.Write(writer, _marks.Count(PruneMarks.Goes));
        if (_request.AllowDangling)
        {
            Report("dangling references");
            foreach (var range in HashRange.Split(_catalog.Manifest[CatalogTable.NarInfos].Rows))
            {
                writer.Write(_session, PrunePlanTable.Dangling, SqlText.Of("Pruning/Planning/dangling", ("range", range.Condition("hash"))), _cancellation);
            }
        }

        Report("summary");
        var summary = new PlanSummary(_catalog, _session, writer, _request, _cancellation);
        var plan = new BinaryCachePrunePlan
        {
            CreatedAt = _request.Moment,
            Author = _request.Author,
            Cache = WithoutSecrets(_catalog.Manifest.Cache),
            StoreDirectory = _catalog.Manifest.StoreDirectory,
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
        => [.. Enum.GetValues<PruneKeepReason>().Select(reason => new PrunePlanKept(reason, _marks.Count(PruneMarks.Of(reason)) + objects.CountOrphans(PruneMarks.Of(reason))))
            .Where(item => item.Paths > 0)];

    /// <summary>What the tables can tell apart, and all engines read the same.</summary>
    private static DateTimeOffset Whole(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());

    /// <summary>An address without user and password.</summary>
    private static string? WithoutSecrets(string? address)
        => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.UserInfo.Length > 0 ? HttpFailure.Shown(uri) : address;
}
