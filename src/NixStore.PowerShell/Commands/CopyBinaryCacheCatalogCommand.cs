using System.Diagnostics;
using System.Management.Automation;
using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.Copying;
using NixStore.Catalog.Storage;

namespace NixStore.PowerShell.Commands;

/// <summary>Copy-BinaryCacheCatalog: a catalog from a folder onto a cluster, from there into a folder, or to another one of its kind, with nothing lost.</summary>
[Cmdlet(VerbsCommon.Copy, "BinaryCacheCatalog", SupportsShouldProcess = true)]
[OutputType(typeof(BinaryCacheCatalogCopy))]
public sealed class CopyBinaryCacheCatalogCommand : EngineCommand
{
    /// <inheritdoc/>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Engine")]
    [ValidateNotNullOrEmpty]
    public override string Catalog { get; set; } = "";

    /// <summary>The folder, or the address of a database on a cluster (<c>clickhouse://</c>), that becomes the copy; nothing is there yet, or an unfinished copy.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = "";

    /// <summary>User and password of the cluster that becomes the copy. Default: -Credential.</summary>
    [Parameter]
    [Credential]
    public PSCredential? DestinationCredential { get; set; }

    /// <summary>A catalog that is there is replaced.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var (source, isCluster) = (OpenAnyCatalog(PipelineStopToken), ClickHouseAddress.IsAddress(Destination));
        var address = isCluster ? ToAddress(Destination, DestinationCredential ?? Credential) : null;
        var target = address?.Name ?? ToPlace(Destination);
        if (target == source.Location)
        {
            throw new NixStoreException("CatalogCopyOntoItself", StoreErrorKind.InvalidArgument, $"'{target}' cannot be copied onto itself.", target, "Give another destination.");
        }

        if (!ShouldProcess(target, $"Copy the catalog '{source.Location}'{(Force ? ", in the place of what is there" : "")}"))
        {
            return;
        }

        using var progress = NewProgress("Copying a catalog");
        var copy = CatalogCopy.From(source);
        progress.Follow(() => ($"{copy.Done:N0} of {copy.Total:N0} rows", copy.Done, copy.Total));
        Pump<BinaryCacheCatalogCopy>(
            (emit, stop) =>
            {
                var watch = Stopwatch.StartNew();
                var manifest = address is null ? copy.ToFolder(target, Force, stop) : copy.ToCluster(address, Force, stop);
                emit(new BinaryCacheCatalogCopy
                {
                    Catalog = target,
                    Source = source.Location,
                    Cache = manifest.Cache,
                    PathCount = manifest[CatalogTable.NarInfos].Rows,
                    ObjectCount = manifest[CatalogTable.Objects].Rows,
                    RowCount = CatalogTable.All.Sum(table => manifest[table].Rows),
                    Duration = watch.Elapsed,
                });
            },
            WriteObject, progress);
    }
}
