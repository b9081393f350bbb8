using System.Management.Automation;
using NixStore.Catalog.Hydra;

namespace NixStore.PowerShell.Commands;

/// <summary>The base of the cmdlets that work with Hydra's database.</summary>
public abstract class HydraCommand : CatalogCommand
{
    /// <summary>The variable in which Hydra's own programs have its address.</summary>
    private const string AddressVariable = "HYDRA_DBI";

    /// <summary>
    /// The database: <c>postgresql://user@host/hydra</c>, a value of HYDRA_DBI, or <c>Host=…;Database=…;Username=…</c>. Default: what HYDRA_DBI says.
    /// </summary>
    public abstract string? Database { get; set; }

    /// <summary>User and password. Default: as the address says, PGPASSWORD and ~/.pgpass.</summary>
    public abstract PSCredential? Credential { get; set; }

    /// <summary>The database.</summary>
    /// <exception cref="NixStoreException">HydraAddressInvalid</exception>
    private protected HydraDatabase FindDatabase()
    {
        var address = Database ?? Environment.GetEnvironmentVariable(AddressVariable) ?? throw new NixStoreException(
            "HydraAddressInvalid", StoreErrorKind.InvalidArgument, $"Nobody says where Hydra's database is: there is no -Database and no ${AddressVariable}.", null,
            "Give -Database postgresql://user@host/hydra.");
        return ToDatabase(address, Credential);
    }

    /// <summary>The database at an address.</summary>
    /// <param name="address">As of <see cref="Database"/>.</param>
    /// <param name="credential">User and password; null = as the address says.</param>
    /// <exception cref="NixStoreException">HydraAddressInvalid</exception>
    internal static HydraDatabase ToDatabase(string address, PSCredential? credential)
        => HydraDatabase.Parse(address, credential?.UserName, credential?.GetNetworkCredential().Password);
}
