using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Querying;
using NixStore.Catalog.Roots;
using NixStore.Catalog.Sql;

namespace NixStore.Catalog.Pruning.Plans;

/// <summary>Finds candidates of a plan, and what becomes of each by itself.</summary>
internal sealed class PruneCandidates(DuckSession session, PruneRequest request, IReadOnlyList<BinaryCachePruneClass> classes, CancellationToken cancellation)
{
    /// <summary>The policy, as a plan says it.</summary>
    internal static PrunePlanPolicy PolicyOf(PruneRequest request, IReadOnlyList<BinaryCachePruneClass> classes)
    {
        var given = request.HashParts is null && request.OrphanKeys.Count == 0 ? null : (request.HashParts ?? (IEnumerable<string>)[]).Concat(request.OrphanKeys).Order(StringComparer.Ordinal).ToList();
        return new PrunePlanPolicy
        {
            Candidates = given?.Count,
            CandidatesDigest = given is null ? null : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(given.Select(text => text + "\n"))))),
            Unreachable = request.Unreachable,
            Names = request.Names,
            Classes = classes,
            Before = request.Before,
            MinimumAge = request.MinimumAge,
            TooYoungSince = PruneConditions.Since(request.Moment, request.MinimumAge) ?? request.Moment,
            IncludeFixedOutput = request.IncludeFixedOutput,
            KeepRoots = request.KeepRoots,
            AllowDangling = request.AllowDangling,
            AllowUnreadable = request.AllowUnreadable,
            Protected = [.. ProtectedOf(request)],
            ApprovalSize = request.ApprovalSize,
            ApprovalPaths = request.ApprovalPaths,
        };
    }

    /// <summary>Marks them.</summary>
    internal void Mark(PruneMarks marks)
    {
        Give(session, request, cancellation);
        Select(marks);
    }

    /// <summary>Lets SQL see the candidates that were given.</summary>
    internal static void Give(DuckSession session, PruneRequest request, CancellationToken cancellation)
    {
        foreach (var (table, column, texts) in new (string, string, IEnumerable<string>)[] { ("given_paths", "hash", request.HashParts ?? (IEnumerable<string>)[]), ("given_nars", "key", request.OrphanKeys) })
        {
            session.Execute($"CREATE OR REPLACE TEMP TABLE {table} ({column} VARCHAR)", cancellation);
            using var rows = new DuckAppender(session, table);
            foreach (var text in texts)
            {
                rows.Set(0, text);
                rows.EndRow();
            }

            rows.Close();
        }
    }

    private void Select(PruneMarks marks)
    {
        var since = PruneConditions.Since(request.Moment, request.MinimumAge);
        if (since is { } moment)
        {
            session.Execute(SqlText.Of("Pruning/Planning/young-nars", ("since", RootSet.Literal(moment))), cancellation);
        }

        var sql = SqlText.Of("Pruning/Planning/select", ReplacementsOf(new DuckDialect(null), request, classes));
        using var rows = session.Query(sql, cancellation);
        while (rows.ReadChunk())
        {
            var hashes = rows.Column(0);
            var values = rows.Column(1);
            for (var row = 0; row < rows.Count; row++)
            {
                marks.Set(hashes.BytesAt(row), (byte)values.Int64At(row));
            }
        }
    }

    /// <summary>What the SQL that marks candidates has in its braces.</summary>
    internal static (string Name, string Text)[] ReplacementsOf(SqlDialect dialect, PruneRequest request, IReadOnlyList<BinaryCachePruneClass> classes) =>
    [
        ("candidate", PruneConditions.Candidate(dialect, request, classes)),
        ("young", PruneConditions.Young(dialect, request, classes)), ("youngMark", Number(PruneKeepReason.TooYoung)),
        ("fixed", request.IncludeFixedOutput ? "false" : "is_fixed_output(ca)"), ("fixedMark", Number(PruneKeepReason.FixedOutput)),
        ("root", request.KeepRoots ? "depth(hash) >= 0" : "false"), ("rootMark", Number(PruneKeepReason.Root)),
        ("protected", dialect.MatchAny("pname", ProtectedOf(request).SelectMany(item => item.Patterns))), ("protectedMark", Number(PruneKeepReason.Protected)),
    ];

    private static IEnumerable<BinaryCachePruneClass> ProtectedOf(PruneRequest request) => request.KnownClasses.Where(item => item.IsProtected);

    private static string Number(PruneKeepReason reason) => PruneMarks.Of(reason).ToString(CultureInfo.InvariantCulture);
}
