using System.Globalization;
using System.Text.RegularExpressions;

namespace NixStore.Catalog.ClickHouse;

/// <summary>Where a catalog on a ClickHouse cluster is, and who asks.</summary>
public sealed partial class ClickHouseAddress
{
    /// <summary>The variable in which the password may be.</summary>
    public const string PasswordVariable = "CLICKHOUSE_PASSWORD";

    private const string PlainScheme = "clickhouse";
    private const string SecureScheme = "clickhouses";
    private const int PlainPort = 8123;
    private const int SecurePort = 8443;

    private ClickHouseAddress(string host, int port, bool isSecure, string database, string cluster, string? user, string? password)
    {
        (Host, Port, IsSecure, Database, Cluster, User, Password) = (host, port, isSecure, database, cluster, user, password);
        Name = string.Create(CultureInfo.InvariantCulture, $"{(isSecure ? SecureScheme : PlainScheme)}://{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}/{database}")
            + $"?cluster={cluster}" + (user is null ? "" : $"&user={Uri.EscapeDataString(user)}");
    }

    /// <summary>The address without a password.</summary>
    public string Name { get; }

    /// <summary>The server that is asked first.</summary>
    public string Host { get; }

    /// <summary>The port of the HTTP interface, which is the same on all servers of the cluster.</summary>
    public int Port { get; }

    /// <summary>True when all that is said is encrypted.</summary>
    public bool IsSecure { get; }

    /// <summary>The database, which has nothing in it but this catalog.</summary>
    public string Database { get; }

    /// <summary>The cluster by its name in the servers' configuration.</summary>
    public string Cluster { get; }

    /// <summary>Who asks; null = the server's default user.</summary>
    public string? User { get; }

    /// <summary>The password; null = none.</summary>
    internal string? Password { get; }

    /// <summary>True for what begins as such an address does, whatever is wrong with the rest of it.</summary>
    public static bool IsAddress(string text)
        => text.StartsWith(PlainScheme + ":", StringComparison.OrdinalIgnoreCase) || text.StartsWith(SecureScheme + ":", StringComparison.OrdinalIgnoreCase);

    /// <summary>Understands an address.</summary>
    /// <param name="address"><c>clickhouse://host:8123/database?cluster=NAME&amp;user=NAME</c>; <c>clickhouses://</c> is over TLS.</param>
    /// <param name="user">The user; null = as the address says.</param>
    /// <param name="password">The password; null = as the address or the variable CLICKHOUSE_PASSWORD says.</param>
    /// <exception cref="NixStoreException">ClickHouseAddressInvalid</exception>
    public static ClickHouseAddress Parse(string address, string? user = null, string? password = null)
    {
        // The address itself is not repeated in errors: there may be a password in it.
        if (!IsAddress(address) || !address.Contains("://", StringComparison.Ordinal) || !Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            throw Invalid("it is no URL of the form clickhouse://host:8123/database");
        }

        var isSecure = uri.Scheme == SecureScheme;
        var database = Uri.UnescapeDataString(uri.AbsolutePath.Trim('/'));
        if (!Identifier().IsMatch(database))
        {
            throw Invalid("behind the host must be the name of a database, of letters, digits and underscores");
        }

        var given = uri.UserInfo.Split(':', 2);
        string? cluster = null;
        var (saidUser, saidPassword) = (given[0].Length > 0 ? Uri.UnescapeDataString(given[0]) : null, given.Length == 2 ? Uri.UnescapeDataString(given[1]) : null);
        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var value = pair.IndexOf('=') is >= 0 and var at ? Uri.UnescapeDataString(pair[(at + 1)..]) : "";
            switch (pair.Split('=')[0])
            {
                case "cluster" when ClusterName().IsMatch(value):
                    cluster = value;
                    break;
                case "cluster":
                    throw Invalid("the name of the cluster has other characters than letters, digits, underscores, dots and dashes");
                case "user" when value.Length > 0:
                    saidUser = value;
                    break;
                case "password":
                    saidPassword = value;
                    break;
                default:
                    throw Invalid("behind its '?' may be cluster=, user= and password=");
            }
        }

        if (cluster is null)
        {
            throw Invalid("it names no cluster; one server by itself is a cluster of one shard in its configuration, too");
        }

        (user, password) = (user ?? saidUser, password ?? saidPassword ?? PasswordOfEnvironment());
        if (user?.Contains(':', StringComparison.Ordinal) == true)
        {
            throw Invalid("the name of the user has a colon in it, which HTTP cannot carry");
        }

        if ((user + password).Any(char.IsControl))
        {
            throw Invalid("the user or the password has a control character in it, such as the end of a line");
        }

        return new ClickHouseAddress(uri.Host.Trim('[', ']'), uri.Port > 0 ? uri.Port : isSecure ? SecurePort : PlainPort, isSecure, database, cluster, user, password);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>The HTTP interface of a server of the cluster.</summary>
    internal Uri UriOf(string host) => new UriBuilder(IsSecure ? Uri.UriSchemeHttps : Uri.UriSchemeHttp, host, Port, "/").Uri;

    /// <summary>What comes out of a file ends with the end of a line, which is not meant.</summary>
    private static string? PasswordOfEnvironment() => Environment.GetEnvironmentVariable(PasswordVariable)?.TrimEnd('\r', '\n');

    private static NixStoreException Invalid(string reason) => new("ClickHouseAddressInvalid", StoreErrorKind.InvalidArgument,
        $"The address of the ClickHouse server cannot be understood: {reason}.", null,
        "Give clickhouse://host:8123/database?cluster=NAME&user=NAME, and the password by -Credential or $env:CLICKHOUSE_PASSWORD.");

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]{0,63}\z")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"^[A-Za-z0-9_.\-]{1,128}\z")]
    private static partial Regex ClusterName();
}
