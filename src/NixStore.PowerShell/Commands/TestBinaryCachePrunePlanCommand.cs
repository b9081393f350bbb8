using System.Management.Automation;
using NixStore.Catalog.Pruning.Certificates;
using NixStore.Catalog.Pruning.Plans;

namespace NixStore.PowerShell.Commands;

/// <summary>Test-BinaryCachePrunePlan: proves that a plan takes nothing that must stay, independently of how it was made.</summary>
[Cmdlet(VerbsDiagnostic.Test, "BinaryCachePrunePlan", SupportsShouldProcess = true)]
[OutputType(typeof(BinaryCachePrunePlanCheck))]
public sealed class TestBinaryCachePrunePlanCommand : CatalogCommand
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
        var certificate = new PruneCertificate(OpenCatalog(), PrunePlan.Open(ToFullPath(Plan)));
        var checks = new List<BinaryCachePrunePlanCheck>();
        using (var progress = NewProgress("Testing the plan"))
        {
            Pump<BinaryCachePrunePlanCheck>(
                (emit, stop) =>
                {
                    foreach (var check in certificate.Run(what => progress.Report(what), stop))
                    {
                        emit(check);
                    }
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
            certificate.Write(path, checks, DateTimeOffset.UtcNow);
        }
    }
}
