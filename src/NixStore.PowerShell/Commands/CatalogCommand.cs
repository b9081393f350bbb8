using System.Management.Automation;
using System.Text.RegularExpressions;
using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.Prices;
using NixStore.Catalog.Storage;

namespace NixStore.PowerShell.Commands;

/// <summary>The base of the cmdlets that work on the catalog of a binary cache.</summary>
public abstract partial class CatalogCommand : ModuleCommand
{
    /// <summary>The folder of the catalog. Objects of the other cmdlets carry theirs.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public virtual string Catalog { get; set; } = "";

    /// <summary>The folder, made absolute.</summary>
    /// <exception cref="NixStoreException">CatalogNotInFolder: it is on a cluster, with which this command cannot work; CatalogAddressInvalid</exception>
    protected virtual string CatalogDirectory => !ClickHouseAddress.IsAddress(Catalog) ? ToPlace(Catalog)
        : throw new NixStoreException("CatalogNotInFolder", StoreErrorKind.NotSupported, $"{MyInvocation.MyCommand.Name} works on a catalog in a folder, not on a cluster.", null,
            "Copy it into a folder first by Copy-BinaryCacheCatalog, and back afterwards.");

    /// <summary>A path made absolute, counted from PowerShell's location; what is a URL stays as it is.</summary>
    protected string ToFullPath(string path) => path.Contains("://", StringComparison.Ordinal) ? path : SessionState.Path.GetUnresolvedProviderPathFromPSPath(path);

    /// <summary>Where a catalog is: a folder made absolute, or an address on a cluster as it is.</summary>
    /// <exception cref="NixStoreException">CatalogAddressInvalid: a URL of another scheme. What it says is not repeated: there may be a password in it.</exception>
    private protected string ToPlace(string text)
    {
        if (ClickHouseAddress.IsAddress(text))
        {
            return text;
        }

        return text.IndexOf("://", StringComparison.Ordinal) is not (>= 0 and var at) ? ToFullPath(text)
            : throw new NixStoreException("CatalogAddressInvalid", StoreErrorKind.InvalidArgument,
                $"No catalog is at a URL of {(Scheme().IsMatch(text[..at]) ? $"the scheme '{text[..at]}'" : "this form")}.", null,
                "Give a folder, or clickhouse://host:8123/database?cluster=NAME (clickhouses:// over TLS).");
    }

    /// <summary>Opens the catalog for reading.</summary>
    /// <exception cref="NixStoreException">CatalogNotFound, CatalogCorrupt, CatalogTooNew</exception>
    protected CacheCatalog OpenCatalog() => CacheCatalog.Open(CatalogDirectory);

    /// <summary>The prices that -PriceList means: a file, or Default; null when nobody has asked for prices.</summary>
    /// <exception cref="NixStoreException">PriceListNotFound, PriceListInvalid</exception>
    private protected PriceList? ReadPriceList(string? given) => given is null ? null
        : given.Equals(PriceListFile.DefaultName, StringComparison.OrdinalIgnoreCase) ? PriceListFile.Default : PriceListFile.Read(ToFullPath(given));

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9+.\-]{0,30}\z")]
    private static partial Regex Scheme();
}
