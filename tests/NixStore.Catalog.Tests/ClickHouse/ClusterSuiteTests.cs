using System.Diagnostics;
using NixStore.Catalog.Tests.Support;
using Xunit.Abstractions;

namespace NixStore.Catalog.Tests.ClickHouse;

/// <summary>The suites of the catalog and of pruning once more, with every question and every plan on a cluster too.</summary>
[Collection(nameof(OldClickHouseServers))]
public sealed class ClusterSuiteTests(OldClickHouseServers servers, ITestOutputHelper output)
{
    private static readonly string[] s_suites = ["Querying", "Orphans", "Prices", "Roots", "Pruning", "Feeding.RealNixTests"];

    [Trait("Category", "Soak")]
    [SkippableFact]
    public void Every_question_and_plan_of_the_suites_gives_the_same_on_a_cluster()
    {
        _ = servers.NewDatabase();
        using var directory = new TemporaryDirectory();
        var log = directory / "asked";
        var filter = $"Category!=Soak&({string.Join('|', s_suites.Select(suite => $"FullyQualifiedName~NixStore.Catalog.Tests.{suite}"))})";
        var start = new ProcessStartInfo("dotnet", ["test", typeof(ClusterSuiteTests).Assembly.Location, "--filter", filter]) { RedirectStandardOutput = true };
        start.Environment[BothEngines.Variable] = log;
        using var process = Process.Start(start)!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, text);
        var asked = File.ReadAllLines(log);
        output.WriteLine($"{asked.Length} questions and plans, {asked.Count(line => line.StartsWith("plan ", StringComparison.Ordinal))} of them plans");
        Assert.True(asked.Length > 200, $"Only {asked.Length} were compared.");
    }
}
