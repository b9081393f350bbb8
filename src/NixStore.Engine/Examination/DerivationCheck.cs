using System.Text;
using Microsoft.Data.Sqlite;
using NixStore.Engine.Graph;

namespace NixStore.Engine.Examination;

/// <summary>
/// Tables DerivationOutputs and Refs against the .drv files, which say what must be in them: the outputs whose paths are known before the build
/// (Nix libstore/local-store.cc:addValidPath), and input derivations and sources as references.
/// </summary>
internal sealed class DerivationCheck : IDatabaseCheck
{
    /// <inheritdoc/>
    public string Subject => "derivations";

    /// <inheritdoc/>
    public IEnumerable<StoreDatabaseFinding> Run(ExaminedStore examined)
    {
        var (derivations, outputs, gap) = examined.Read(connection => Read(examined, connection));
        if (gap is not null)
        {
            yield return examined.NotChecked("outputs of derivations", $"{gap}", "DerivationOutputs");
        }

        var graph = TryLoad(examined, out var failure);
        if (failure is not null)
        {
            yield return failure;
        }

        using var files = new DerivationFiles(examined.Store);
        foreach (var (id, path) in derivations)
        {
            examined.Cancellation.ThrowIfCancellationRequested();
            foreach (var finding in Check(examined, files, id, path, gap is null ? outputs.GetValueOrDefault(id, []) : null, graph))
            {
                yield return finding;
            }
        }
    }

    /// <summary>Registered derivations, and the rows of DerivationOutputs by derivation.</summary>
    private static (List<(long Id, StorePath Path)> Derivations, Dictionary<long, List<OutputRow>> Outputs, ScanGap? Gap) Read(
        ExaminedStore examined, SqliteConnection connection)
    {
        var derivations = new List<(long, StorePath)>();
        var outputs = new Dictionary<long, List<OutputRow>>();
        _ = TableScan.Run(connection, "ValidPaths", "path", row =>
        {
            if (row.Bytes(1).EndsWith(".drv"u8) && examined.Store.Directory.TryParse(row.Text(1), out var path))
            {
                derivations.Add((row.Int64(0), path));
            }
        }, examined.Cancellation);
        var gap = TableScan.Run(connection, "DerivationOutputs", "drv, id, path", row =>
        {
            if (!outputs.TryGetValue(row.Int64(1), out var ofDerivation))
            {
                outputs.Add(row.Int64(1), ofDerivation = []);
            }

            ofDerivation.Add(new OutputRow(row.Int64(0), row.Text(2) ?? "", row.Text(3) ?? ""));
        }, examined.Cancellation);
        return (derivations, outputs, gap);
    }

    private static StoreGraph? TryLoad(ExaminedStore examined, out StoreDatabaseFinding? failure)
    {
        failure = null;
        try
        {
            return examined.Graph;
        }
        catch (NixStoreException error)
        {
            failure = examined.NotChecked("references of derivations", error.Message, "Refs");
            return null;
        }
    }

    private static List<StoreDatabaseFinding> Check(
        ExaminedStore examined, DerivationFiles files, long id, StorePath path, List<OutputRow>? outputs, StoreGraph? graph)
    {
        var findings = new List<StoreDatabaseFinding>(0);
        var full = examined.Store.Directory.Print(path);
        try
        {
            if (files.Read(path) is { } derivation)
            {
                if (outputs is not null)
                {
                    CheckOutputs(examined, derivation, full, outputs, findings);
                }

                if (graph?.FindRow(id) is { } node and >= 0)
                {
                    CheckReferences(examined, derivation, full, graph, node, findings);
                }
            }
        }
        catch (NixStoreException error)
        {
            findings.Add(examined.Found(StoreDatabaseFindingKind.DerivationUnreadable, error.Message, row: id, table: "ValidPaths", path: full));
        }

        return findings;
    }

    private static void CheckOutputs(
        ExaminedStore examined, Derivation derivation, string path, List<OutputRow> rows, List<StoreDatabaseFinding> findings)
    {
        foreach (var row in rows)
        {
            var isOutput = derivation.Outputs.TryGetValue(row.Name, out var output);

            // One without a path gets it by being built, and versions of Nix differ in where they note it.
            if (!isOutput || (output!.Path is { } right && examined.Store.Directory.Print(right) != row.Path))
            {
                findings.Add(examined.Found(StoreDatabaseFindingKind.OutputWrong, isOutput
                    ? $"output '{row.Name}' is {examined.Store.Directory.Print(output!.Path!)}, the database has {row.Path}"
                    : $"the database has an output '{row.Name}', which the derivation has not", "DerivationOutputs", row.Row, path));
            }
        }

        foreach (var (name, output) in derivation.Outputs)
        {
            if (output.Path is { } right && !rows.Exists(row => row.Name == name))
            {
                findings.Add(examined.Found(StoreDatabaseFindingKind.OutputMissing,
                    $"output '{name}' is {examined.Store.Directory.Print(right)}, the database does not have it", "DerivationOutputs", path: path));
            }
        }
    }

    private static void CheckReferences(
        ExaminedStore examined, Derivation derivation, string path, StoreGraph graph, int node, List<StoreDatabaseFinding> findings)
    {
        var before = findings.Count;
        var registered = graph.References[node];
        var proved = new HashSet<int>();
        foreach (var reference in derivation.References)
        {
            var target = graph.FindName(Encoding.UTF8.GetBytes(reference.BaseName));
            proved.Add(target);
            if (target < 0 || !registered.Contains(target))
            {
                findings.Add(examined.Found(StoreDatabaseFindingKind.ReferenceMissing,
                    $"the .drv file refers to {examined.Store.Directory.Print(reference)}, "
                    + (target < 0 ? "which is not registered" : "the database does not say so"), "Refs", path: path));
            }
        }

        foreach (var target in registered)
        {
            if (!proved.Contains(target))
            {
                findings.Add(examined.Found(StoreDatabaseFindingKind.ReferenceSuperfluous,
                    $"the database has a reference to {graph.PathOf(target)}, the .drv file has not", "Refs", path: path));
            }
        }

        if (findings.Count > before)
        {
            examined.RowsWithWrongReferences.Add(graph.RowOf(node));
        }
    }

    private readonly record struct OutputRow(long Row, string Name, string Path);
}
