using System.Management.Automation;
using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.Prices;
using NixStore.Catalog.Storage;

namespace NixStore.PowerShell.Commands;

/// <summary>The base of the cmdlets that work on the catalog of a binary cache.</summary>
public abstract class CatalogCommand : ModuleCommand
{
    /// <summary>The folder of the catalog. Objects of the other cmdlets carry theirs.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public virtual string Catalog { get; set; } = "";

    /// <summary>The folder, made absolute.</summary>
    /// <exception cref="NixStoreException">CatalogNotInFolder: it is on a cluster, with which this command cannot work.</exception>
    protected virtual string CatalogDirectory => !ClickHouseAddress.IsAddress(Catalog) ? ToFullPath(Catalog)
        : throw new NixStoreException("CatalogNotInFolder", StoreErrorKind.NotSupported, $"{MyInvocation.MyCommand.Name} works on a catalog in a folder, not on a cluster.", null,
            "Copy it into a folder first by Copy-BinaryCacheCatalog, and back afterwards.");

    /// <summary>A path made absolute, counted from PowerShell's location; what is a URL stays as it is.</summary>
    protected string ToFullPath(string path) => path.Contains("://", StringComparison.Ordinal) ? path : SessionState.Path.GetUnresolvedProviderPathFromPSPath(path);

    /// <summary>Opens the catalog for reading.</summary>
    /// <exception cref="NixStoreException">CatalogNotFound, CatalogCorrupt, CatalogTooNew</exception>
    protected CacheCatalog OpenCatalog() => CacheCatalog.Open(CatalogDirectory);

    /// <summary>The prices that -PriceList means: a file, or Default; null when nobody has asked for prices.</summary>
    /// <exception cref="NixStoreException">PriceListNotFound, PriceListInvalid</exception>
    private protected PriceList? ReadPriceList(string? given) => given is null ? null
        : given.Equals(PriceListFile.DefaultName, StringComparison.OrdinalIgnoreCase) ? PriceListFile.Default : PriceListFile.Read(ToFullPath(given));
}
