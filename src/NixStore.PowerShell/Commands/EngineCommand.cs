using System.Management.Automation;
using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Storage;
using NixStore.PowerShell.Errors;

namespace NixStore.PowerShell.Commands;

/// <summary>The base of the cmdlets that work on a catalog wherever it is kept: in a folder, or on a ClickHouse cluster.</summary>
public abstract class EngineCommand : CatalogCommand
{
    /// <summary>
    /// The folder of the catalog, or where it is on a cluster: <c>clickhouse://host:8123/database?cluster=NAME&amp;user=NAME</c>. Objects of the other cmdlets carry theirs.
    /// </summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Engine")]
    [ValidateNotNullOrEmpty]
    public override string Catalog { get; set; } = "";

    /// <summary>User and password of the cluster. Default: as the address and CLICKHOUSE_PASSWORD say.</summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <inheritdoc/>
    protected override string CatalogDirectory => ToPlace(Catalog);

    /// <summary>True when the catalog is on a cluster.</summary>
    private protected bool IsOnCluster => ClickHouseAddress.IsAddress(Catalog);

    /// <summary>Where the catalog is on a cluster.</summary>
    /// <exception cref="NixStoreException">ClickHouseAddressInvalid</exception>
    private protected ClickHouseAddress ClusterAddress => ToAddress(Catalog, Credential);

    /// <summary>Opens the catalog for reading, wherever it is.</summary>
    /// <exception cref="NixStoreException">Those of <see cref="CacheCatalog.Open"/> and <see cref="ClusterCatalog.Open"/>.</exception>
    private protected ICatalog OpenAnyCatalog(CancellationToken cancellation) => OpenAny(CatalogDirectory, Credential, cancellation);

    /// <summary>What questions and errors name: folder, or address without a password.</summary>
    private protected string CatalogShown => IsOnCluster ? ClusterAddress.Name : CatalogDirectory;

    /// <summary>What opens the catalog for changes, on another thread.</summary>
    /// <param name="initial">What a new catalog begins with; null = it must be there.</param>
    private protected Func<CancellationToken, ICatalogWriter> WriterOf(CatalogManifest? initial)
    {
        // What asks PowerShell is asked here: the work is on another thread.
        var (address, directory) = (IsOnCluster ? ClusterAddress : null, CatalogDirectory);
        return stop => address is null ? CatalogWriter.Open(directory, initial) : ClusterWriter.Open(address, initial, cancellation: stop);
    }

    /// <summary>Opens a catalog.</summary>
    /// <param name="place">Folder or address.</param>
    /// <param name="credential">User and password of a cluster; null = as the address says.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">Those of <see cref="CacheCatalog.Open"/> and <see cref="ClusterCatalog.Open"/>.</exception>
    private protected ICatalog OpenAny(string place, PSCredential? credential, CancellationToken cancellation)
        => Keep(ClickHouseAddress.IsAddress(place) ? ClusterCatalog.Open(ToAddress(place, credential), cancellation) : (ICatalog)CacheCatalog.Open(place));

    /// <summary>
    /// Gives what is only as a whole an answer: when the engine cannot go on, or has given a part already, the error ends the pipeline. A later command, which may choose
    /// what to delete, must not take the half for all.
    /// </summary>
    /// <param name="ask">Asks, on another thread.</param>
    /// <param name="write">What to do with an item.</param>
    /// <param name="progress">Shown while waiting.</param>
    private protected void Answer<T>(Func<CancellationToken, IEnumerable<T>> ask, Action<T> write, ProgressDisplay progress)
    {
        var isBegun = false;
        try
        {
            Pump<T>(
                (emit, stop) =>
                {
                    foreach (var item in ask(stop))
                    {
                        emit(item);
                    }
                },
                item =>
                {
                    isBegun = true;
                    write(item);
                },
                progress);
        }
        catch (NixStoreException error) when (isBegun || IsOfEngine(error))
        {
            ThrowTerminatingError(error.ToErrorRecord());
        }
    }

    /// <summary>True when it is no matter of what was asked: the next question may be answered, and then there would be a half.</summary>
    private static bool IsOfEngine(NixStoreException error) => error.Kind is not (StoreErrorKind.InvalidArgument or StoreErrorKind.NotFound)
        && (error is DuckException or ClickHouseException || error.ErrorId.StartsWith("ClickHouse", StringComparison.Ordinal) || error.ErrorId == "ScratchNotWritable");

    /// <summary>An address with user and password.</summary>
    /// <exception cref="NixStoreException">ClickHouseAddressInvalid</exception>
    internal static ClickHouseAddress ToAddress(string address, PSCredential? credential)
        => ClickHouseAddress.Parse(address, credential?.UserName, credential?.GetNetworkCredential().Password);
}
