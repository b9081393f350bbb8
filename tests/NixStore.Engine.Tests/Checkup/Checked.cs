using NixStore.Engine.Checkup;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Tests.Checkup;

/// <summary>Looks at whole stores.</summary>
public static class Checked
{
    /// <summary>What is found; how full this machine's disks are is left out.</summary>
    public static List<StoreFinding> Of(StoreLocation store, CheckupOptions? options = null, CancellationToken cancellation = default)
    {
        var findings = new List<StoreFinding>();
        StoreExaminer.Examine(store, options ?? new CheckupOptions(), findings.Add, new CheckupProgress(), cancellation);
        findings.RemoveAll(finding => finding.Kind is "DiskNearlyFull" or "DiskFull" or "InodesNearlyExhausted" or "InodesExhausted");
        Assert.All(findings, finding => Assert.Equal((store.Url, true), (finding.Store, finding.Detail.Length > 0)));
        return findings;
    }

    /// <summary>What is more than information.</summary>
    public static List<StoreFinding> Faults(StoreLocation store, CheckupOptions? options = null)
        => Of(store, options).FindAll(finding => finding.Severity > StoreFindingSeverity.Information);

    /// <summary>As text: severity, kind, and the name of the path.</summary>
    public static IEnumerable<string> Describe(this IEnumerable<StoreFinding> findings)
        => findings.Select(finding => $"{finding.Severity} {finding.Kind} {(finding.Area == StoreFindingArea.Path && finding.Path is not null ? Path.GetFileName(finding.Path)[33..] : "")}".TrimEnd());
}
