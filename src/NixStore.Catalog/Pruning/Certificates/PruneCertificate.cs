using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Storage;
using NixStore.Engine.Writing;

namespace NixStore.Catalog.Pruning.Certificates;

/// <summary>Proves that a plan is what it should be, independently of how it was made.</summary>
/// <param name="catalog">The catalog that it was made of.</param>
/// <param name="plan">The plan.</param>
/// <param name="location">What checks call the catalog; null = its folder.</param>
public sealed class PruneCertificate(CacheCatalog catalog, PrunePlan plan, string? location = null)
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly CertificateScript _script = new(catalog, plan);

    /// <summary>Runs the checks, one after the other.</summary>
    /// <param name="report">Gets what is being checked.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">PruneCheckFailed: files are missing or cannot be read at all; <see cref="DuckException"/></exception>
    /// <exception cref="OperationCanceledException"/>
    public IEnumerable<BinaryCachePrunePlanCheck> Run(Action<string>? report = null, CancellationToken cancellation = default)
    {
        // Not a session of the catalog: what a third party has is all that there is.
        using var session = new DuckSession(new DuckOptions { TemporaryDirectory = SpillDirectory.For(catalog.Directory) });
        report?.Invoke("reading");
        session.Execute(_script.Preamble(), cancellation);
        foreach (var check in CertificateScript.Checks)
        {
            report?.Invoke(check);
            session.Execute(CertificateScript.Run(check), cancellation);
            using var rows = session.Query("SELECT violations, examples FROM checks WHERE name = $1", cancellation, check);
            rows.Read();
            yield return new BinaryCachePrunePlanCheck
            {
                Plan = plan.Directory,
                Catalog = location ?? catalog.Directory,
                Id = plan.Summary.Id,
                Check = check,
                Statement = CertificateScript.StatementOf(check),
                Violations = rows.GetInt64(0),
                Examples = rows.GetTexts(1),
            };
        }
    }

    /// <summary>Writes what came of it: a JSON file, and beside it the SQL that anybody can run again by DuckDB alone.</summary>
    /// <param name="path">The JSON file; the other one has <c>.sql</c> in the place of its extension.</param>
    /// <param name="checks">What <see cref="Run"/> has given.</param>
    /// <param name="moment">When it was.</param>
    /// <exception cref="NixStoreException">CertificatePathInvalid; errors of writing.</exception>
    public void Write(string path, IReadOnlyList<BinaryCachePrunePlanCheck> checks, DateTimeOffset moment)
    {
        var sql = Path.ChangeExtension(path, ".sql");
        if (sql == path)
        {
            throw new NixStoreException("CertificatePathInvalid", StoreErrorKind.InvalidArgument, $"'{path}' is the name of the SQL beside the certificate.", path, "Give the name of a JSON file, such as certificate.json.");
        }

        var script = Encoding.UTF8.GetBytes(_script.Whole());
        DurableFile.Write(sql, stream => stream.Write(script));
        var json = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                Plan = plan.Summary.Id,
                plan.Summary.Digest,
                plan.Summary.Cache,
                CatalogDigest = plan.Summary.Source.Digest,
                CheckedAt = moment,
                Engine = "DuckDB " + DuckSession.Version,
                Sql = Path.GetFileName(sql),
                SqlSha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(script)),
                Passed = checks.All(check => check.IsPassed),
                plan.Summary.Policy.KeepRoots,
                plan.Summary.Policy.AllowDangling,
                plan.Summary.Policy.AllowUnreadable,
                Checks = checks.Select(check => new { check.Check, check.Statement, Passed = check.IsPassed, check.Violations, check.Examples }),
            },
            s_options);
        DurableFile.Write(path, stream => stream.Write(json));
    }
}
