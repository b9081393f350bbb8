using System.Text;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Pruning.Certificates;

/// <summary>
/// The proof of a plan as SQL that stands for itself: it reads the Parquet files and manifests of catalog and plan and nothing else, so DuckDB alone can
/// run it. It shares nothing with what makes plans.
/// </summary>
internal sealed class CertificateScript(CacheCatalog catalog, PrunePlan plan)
{
    /// <summary>The checks, in their order; each is a file of Sql/Pruning/Certificate.</summary>
    internal static IReadOnlyList<string> Checks { get; } =
    [
        "PlanDigest", "PlanFiles", "Catalog", "NarInfosRead", "PathsInCatalog", "Closed", "DanglingListed", "NarInfosKept", "NarsKept", "Roots", "Reachable",
        "Protected", "Chosen", "OldEnough", "FixedOutputs", "ObjectsBelong", "ObjectsComplete", "ObjectsAsListed", "Totals",
    ];

    /// <summary>What a check says: the comment at its beginning.</summary>
    internal static string StatementOf(string check) => SqlText.Of("Pruning/Certificate/" + check).Split('\n')[0].TrimStart('-', ' ');

    /// <summary>Makes the views and the table of results.</summary>
    internal string Preamble()
    {
        var text = new StringBuilder();
        text.Append("SET VARIABLE catalog = ").Append(DuckSession.Quote(Path.GetFullPath(catalog.Directory))).Append(";\nSET VARIABLE plan = ")
            .Append(DuckSession.Quote(Path.GetFullPath(plan.Directory))).Append(";\n");
        var sources = new List<(string, string)>();
        foreach (var table in PlanSource.Tables)
        {
            sources.Add((table.Name, Source(text, table.Name, table.Columns, "catalog", table.Name, catalog.Manifest[table].Parts.Select(part => part.Name))));
        }

        foreach (var table in PrunePlanTable.All)
        {
            sources.Add((table.View, Source(text, table.View, table.Columns, "plan", table.Name, NamesOf(table))));
        }

        sources.Add(("plan_files", $"read_blob([{string.Join(", ", PrunePlanTable.All.SelectMany(table => NamesOf(table).Select(name => File("plan", table.Name, name))))}])"));
        text.Append(SqlText.Of("Pruning/Certificate/views", [.. sources])).Append(";\n");
        return text.Append("CREATE OR REPLACE TEMP TABLE checks (name VARCHAR, violations BIGINT, examples VARCHAR[]);\n").ToString();
    }

    /// <summary>Runs a check: its violations are counted, and the first five are examples.</summary>
    internal static string Run(string check)
        => $"INSERT INTO checks SELECT '{check}', count(*), coalesce(min(example, 5), []) FROM (\n{SqlText.Of("Pruning/Certificate/" + check).TrimEnd()}\n);\n";

    /// <summary>All of it, for DuckDB's own shell.</summary>
    internal string Whole()
    {
        var text = new StringBuilder()
            .Append("-- The certificate of the plan ").Append(plan.Summary.Id).Append(", digest ").Append(plan.Summary.Digest).Append(".\n")
            .Append("-- duckdb < this file; where catalog and plan are elsewhere, change the two variables. Every check must pass.\n").Append(Preamble());
        foreach (var check in Checks)
        {
            text.Append('\n').Append(Run(check));
        }

        return text.Append("\nSELECT name, violations = 0 AS passed, violations, examples FROM checks;\n").ToString();
    }

    private IEnumerable<string> NamesOf(PrunePlanTable table) => (plan.Summary.Tables.GetValueOrDefault(table.Name) ?? []).Select(part => part.Name);

    /// <summary>What stands behind FROM; a table without files is made as an empty one.</summary>
    private static string Source(StringBuilder text, string view, string columns, string variable, string folder, IEnumerable<string> names)
    {
        var files = string.Join(", ", names.Select(name => File(variable, folder, name)));
        if (files.Length > 0)
        {
            return $"read_parquet([{files}], hive_partitioning = false)";
        }

        text.Append("CREATE OR REPLACE TEMP TABLE no_").Append(view).Append(" (\n").Append(columns).Append(");\n");
        return "no_" + view;
    }

    private static string File(string variable, string folder, string name) => $"getvariable('{variable}') || '/{folder}/{name}'";
}
