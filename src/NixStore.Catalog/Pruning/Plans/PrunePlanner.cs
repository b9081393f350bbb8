using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Graph;
using NixStore.Catalog.Pruning.Classes;
using NixStore.Catalog.Querying;
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
        _request = request with { Moment = DateTimeOffset.FromUnixTimeMilliseconds(request.Moment.ToUnixTimeMilliseconds()) };
        _classes = PruneClasses.Named(request.KnownClasses, request.Classes);
        request.Report?.Invoke("references");
        _roots = request.KeepRoots || request.Unreachable ? RootReachability.Open(catalog, _request.Moment, request.GraphProgress, cancellation) : null;
        try
        {
            _graph = CatalogGraph.Open(catalog, Environment.ProcessorCount, request.GraphProgress, cancellation);
            _marks = new PruneMarks(_graph.References);
            _session = catalog.OpenSession();
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
    /// PrunePolicyEmpty: nothing says what is meant; PrunePlanEmpty: nothing goes; PruneClassNotFound; CatalogTableEmpty, CatalogNotUpToDate; PrunePlanExists,
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

        var writer = PrunePlanWriter.Create(directory);
        using var planner = new PrunePlanner(catalog, request, cancellation);
        return planner.Run(writer);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The session asks the graphs.
        _session.Dispose();
        _graph.Dispose();
        _roots?.Dispose();
    }

    private PrunePlan Run(PrunePlanWriter writer)
    {
        _roots?.Register(_session);
        _marks.Register(_session);
        _session.Execute(SqlText.Of("Pruning/Planning/macros"), _cancellation);
        Report("catalog");
        var source = PlanSource.Of(_catalog, _session, _cancellation);
        Report("candidates");
        Give();
        Select();
        if (!_request.AllowDangling)
        {
            Report("what stays refers to");
            _marks.KeepReferenced(_cancellation);
        }

        var objects = new PlanObjects(_catalog, _session, writer, _cancellation);
        objects.PlanOrphans(_request);
        var kept = KeptOf();
        if (_marks.Count(PruneMarks.Goes) == 0 && objects.CountOrphans(PruneMarks.Goes) == 0)
        {
            throw new NixStoreException("PrunePlanEmpty", StoreErrorKind.NotFound, $"Nothing goes{(kept.Count == 0 ? ": there is no candidate" : $": of the candidates, {string.Join(", ", kept.Select(item => $"{item.Paths:N0} stay ({item.Reason})"))}")}.",
                _catalog.Directory, "Change what is asked for.");
        }

        Report("paths");
        foreach (var range in HashRange.Split(_marks.Count(PruneMarks.Goes)))
        {
            writer.Write(_session, PrunePlanTable.NarInfos, SqlText.Of("Pruning/Planning/narinfos",
                ("class", PruneConditions.ClassOf(_request.KnownClasses)), ("range", range.Condition("hash"))), _cancellation);
        }

        writer.CreateView(_session, PrunePlanTable.NarInfos);
        Report("objects");
        objects.Write(_marks.Count(PruneMarks.Goes));
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
            Policy = Policy(),
            Classes = summary.Classes(),
            Kept = kept,
            Totals = summary.Totals(),
        };
        return writer.Finish(plan);
    }

    private void Report(string what) => _request.Report?.Invoke(what);

    /// <summary>Lets SQL see the candidates that were given.</summary>
    private void Give()
    {
        foreach (var (table, column, texts) in new (string, string, IEnumerable<string>)[] { ("given_paths", "hash", _request.HashParts ?? (IEnumerable<string>)[]), ("given_nars", "key", _request.OrphanKeys) })
        {
            _session.Execute($"CREATE OR REPLACE TEMP TABLE {table} ({column} VARCHAR)", _cancellation);
            using var rows = new DuckAppender(_session, table);
            foreach (var text in texts)
            {
                rows.Set(0, text);
                rows.EndRow();
            }

            rows.Close();
        }
    }

    private void Select()
    {
        var since = PruneConditions.Since(_request.Moment, _request.MinimumAge);
        if (since is { } moment)
        {
            _session.Execute(SqlText.Of("Pruning/Planning/young-nars", ("since", RootSet.Literal(moment))), _cancellation);
        }

        var sql = SqlText.Of("Pruning/Planning/select",
            ("candidate", PruneConditions.Candidate(_request, _classes)),
            ("young", PruneConditions.Young(_request, _classes)), ("youngMark", Mark(PruneKeepReason.TooYoung)),
            ("fixed", _request.IncludeFixedOutput ? "false" : "is_fixed_output(ca)"), ("fixedMark", Mark(PruneKeepReason.FixedOutput)),
            ("root", _request.KeepRoots ? "depth(hash) >= 0" : "false"), ("rootMark", Mark(PruneKeepReason.Root)),
            ("protected", SqlWildcard.MatchAny("pname", Protected.SelectMany(item => item.Patterns))), ("protectedMark", Mark(PruneKeepReason.Protected)));
        using var rows = _session.Query(sql, _cancellation);
        while (rows.ReadChunk())
        {
            var hashes = rows.Column(0);
            var marks = rows.Column(1);
            for (var row = 0; row < rows.Count; row++)
            {
                _marks.Set(hashes.BytesAt(row), (byte)marks.Int64At(row));
            }
        }
    }

    private IEnumerable<BinaryCachePruneClass> Protected => _request.KnownClasses.Where(item => item.IsProtected);

    private IReadOnlyList<PrunePlanKept> KeptOf()
        => [.. Enum.GetValues<PruneKeepReason>().Select(reason => new PrunePlanKept(reason,
            _marks.Count(PruneMarks.Of(reason)) + _session.QueryNumber("SELECT count(*) FROM orphan_nars WHERE mark = $1", _cancellation, (long)PruneMarks.Of(reason)))).Where(item => item.Paths > 0)];

    private PrunePlanPolicy Policy()
    {
        var given = _request.HashParts is null && _request.OrphanKeys.Count == 0 ? null : (_request.HashParts ?? (IEnumerable<string>)[]).Concat(_request.OrphanKeys).Order(StringComparer.Ordinal).ToList();
        return new PrunePlanPolicy
        {
            Candidates = given?.Count,
            CandidatesDigest = given is null ? null : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(given.Select(text => text + "\n"))))),
            Unreachable = _request.Unreachable,
            Names = _request.Names,
            Classes = _classes,
            Before = _request.Before,
            MinimumAge = _request.MinimumAge,
            TooYoungSince = PruneConditions.Since(_request.Moment, _request.MinimumAge) ?? _request.Moment,
            IncludeFixedOutput = _request.IncludeFixedOutput,
            KeepRoots = _request.KeepRoots,
            AllowDangling = _request.AllowDangling,
            Protected = [.. Protected],
            ApprovalSize = _request.ApprovalSize,
            ApprovalPaths = _request.ApprovalPaths,
        };
    }

    private static string Mark(PruneKeepReason reason) => PruneMarks.Of(reason).ToString(CultureInfo.InvariantCulture);

    /// <summary>An address without user and password.</summary>
    private static string? WithoutSecrets(string? address)
        => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.UserInfo.Length > 0 ? address!.Replace(uri.UserInfo + "@", "", StringComparison.Ordinal) : address;
}
