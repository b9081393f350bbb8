using System.Management.Automation;
using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.Pruning.Certificates;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Storage;

namespace NixStore.PowerShell.Commands;

/// <summary>Test-BinaryCachePrunePlan: proves that a plan takes nothing that must stay, independently of how it was made.</summary>
[Cmdlet(VerbsDiagnostic.Test, "BinaryCachePrunePlan", SupportsShouldProcess = true)]
[OutputType(typeof(BinaryCachePrunePlanCheck))]
public sealed class TestBinaryCachePrunePlanCommand : EngineCommand
{
    /// <summary>The plan, or its folder.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [PrunePlanFolder]
    public string Plan { get; set; } = "";

    /// <summary>A JSON file for what comes of it; the SQL that anybody can run again by DuckDB alone is written beside it. Files that are there are replaced.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Certificate { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var (catalog, plan) = (OpenAnyCatalog(PipelineStopToken), PrunePlan.Open(ToFullPath(Plan)));
        PruneCertificate? certificate = null;
        var checks = new List<BinaryCachePrunePlanCheck>();
        using (var progress = NewProgress("Testing the plan"))
        {
            Answer(
                stop =>
                {
                    certificate = new PruneCertificate(FolderOf(catalog, progress, stop), plan, catalog.Location);
                    return certificate.Run(what => progress.Report(what), stop);
                },
                check =>
                {
                    checks.Add(check);
                    WriteObject(check);
                },
                progress);
        }

        if (Certificate is not null && ToFullPath(Certificate) is var path && ShouldProcess(path, "Write the certificate"))
        {
            certificate!.Write(path, checks, DateTimeOffset.UtcNow);
        }
    }

    /// <summary>The catalog in a folder: what is on a cluster is copied there until the command ends.</summary>
    private CacheCatalog FolderOf(ICatalog catalog, ProgressDisplay progress, CancellationToken cancellation)
    {
        if (catalog is CacheCatalog folder)
        {
            return folder;
        }

        progress.Report("copying the catalog");
        return Keep(CertificateCopy.Of((ClusterCatalog)catalog, cancellation)).Catalog;
    }
}
