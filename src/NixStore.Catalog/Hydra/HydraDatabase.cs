using System.Globalization;
using Npgsql;

namespace NixStore.Catalog.Hydra;

/// <summary>Hydra's PostgreSQL database.</summary>
public sealed class HydraDatabase
{
    private readonly string _connectionString;

    private HydraDatabase(NpgsqlConnectionStringBuilder settings)
    {
        // A step takes as long as it takes; a server that is gone is found out by the probes.
        settings.CommandTimeout = 0;
        settings.KeepAlive = settings.KeepAlive == 0 ? 60 : settings.KeepAlive;
        settings.ApplicationName ??= "NixStore";
        settings.Pooling = false;
        _connectionString = settings.ConnectionString;
        Name = string.Create(CultureInfo.InvariantCulture, $"postgresql://{(settings.Host is { } host && !host.StartsWith('/') ? host : "")}{Port(settings)}/{settings.Database ?? settings.Username}")
            + (settings.Host?.StartsWith('/') == true ? $"?host={settings.Host}" : "");
    }

    /// <summary>Its address without user and password.</summary>
    public string Name { get; }

    /// <summary>Understands an address.</summary>
    /// <param name="address">
    /// A URL as PostgreSQL's own tools take it (<c>postgresql://user@host:5432/hydra</c>), Hydra's <c>HYDRA_DBI</c>
    /// (<c>dbi:Pg:dbname=hydra;user=hydra;</c>), or Npgsql's own form (<c>Host=…;Database=…</c>).
    /// </param>
    /// <param name="user">The user; null = as the address says.</param>
    /// <param name="password">The password; null = as the address, PGPASSWORD or ~/.pgpass say.</param>
    /// <exception cref="NixStoreException">HydraAddressInvalid</exception>
    public static HydraDatabase Parse(string address, string? user = null, string? password = null)
    {
        try
        {
            var settings = address.StartsWith("postgres://", StringComparison.Ordinal) || address.StartsWith("postgresql://", StringComparison.Ordinal) ? FromUrl(address)
                : new NpgsqlConnectionStringBuilder(FromDbi(address));
            settings.Host ??= DefaultHost();
            settings.Username = user ?? settings.Username;
            settings.Password = password ?? settings.Password;
            if (settings.Database is null && settings.Username is null)
            {
                throw new ArgumentException("it names neither a database nor a user.");
            }

            return new HydraDatabase(settings);
        }
        catch (Exception error) when (error is ArgumentException or FormatException or KeyNotFoundException or InvalidCastException)
        {
            // The address itself is not repeated: there may be a password in it.
            throw new NixStoreException("HydraAddressInvalid", StoreErrorKind.InvalidArgument, $"The address of Hydra's database cannot be understood: {error.Message}", null,
                "Give postgresql://user@host/hydra, the value of HYDRA_DBI, or Host=…;Database=…;Username=….", error);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Connects.</summary>
    /// <param name="readOnly">The server refuses whatever would change something.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">HydraConnectionFailed, HydraAccessDenied, HydraDatabaseMissing</exception>
    internal NpgsqlConnection Connect(bool readOnly, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var connection = new NpgsqlConnection(_connectionString);
        try
        {
            connection.Open();
            using var command = new NpgsqlCommand($"set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; set default_transaction_read_only = {(readOnly ? "on" : "off")}", connection);
            command.ExecuteNonQuery();
            return connection;
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
        {
            connection.Dispose();
            throw HydraErrors.From(error, this);
        }
    }

    private static string Port(NpgsqlConnectionStringBuilder settings) => settings.Port is 5432 or 0 ? "" : string.Create(CultureInfo.InvariantCulture, $":{settings.Port}");

    private static string DefaultHost()
        => Environment.GetEnvironmentVariable("PGHOST") is { Length: > 0 } host ? host : Directory.Exists("/run/postgresql") ? "/run/postgresql" : "localhost";

    private static NpgsqlConnectionStringBuilder FromUrl(string address)
    {
        // postgresql:///hydra has no host, which Uri does not allow of an unknown scheme with a user only.
        var uri = new Uri(address);
        var settings = new NpgsqlConnectionStringBuilder();
        if (uri.Host.Length > 0)
        {
            settings.Host = Uri.UnescapeDataString(uri.Host);
        }

        if (uri.Port > 0)
        {
            settings.Port = uri.Port;
        }

        if (uri.AbsolutePath.Length > 1)
        {
            settings.Database = Uri.UnescapeDataString(uri.AbsolutePath[1..]);
        }

        var user = uri.UserInfo.Split(':', 2);
        if (user[0].Length > 0)
        {
            settings.Username = Uri.UnescapeDataString(user[0]);
        }

        if (user.Length == 2)
        {
            settings.Password = Uri.UnescapeDataString(user[1]);
        }

        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            Set(settings, Uri.UnescapeDataString(parts[0]), Uri.UnescapeDataString(parts.Length == 2 ? parts[1] : ""));
        }

        return settings;
    }

    private static string FromDbi(string address)
    {
        const string prefix = "dbi:Pg:";
        if (!address.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        {
            return address;
        }

        var settings = new NpgsqlConnectionStringBuilder();
        foreach (var pair in address[prefix.Length..].Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var parts = pair.Split('=', 2);
            Set(settings, parts[0], parts.Length == 2 ? parts[1] : "");
        }

        return settings.ConnectionString;
    }

    /// <summary>A setting by libpq's name.</summary>
    private static void Set(NpgsqlConnectionStringBuilder settings, string name, string value)
        => settings[name.ToUpperInvariant() switch
        {
            "DBNAME" or "DB" => "Database",
            "USER" => "Username",
            "SSLMODE" => "SSL Mode",
            "CONNECT_TIMEOUT" => "Timeout",
            "APPLICATION_NAME" => "Application Name",
            "SSLROOTCERT" => "Root Certificate",
            _ => name,
        }] = name.Equals("sslmode", StringComparison.OrdinalIgnoreCase) ? value.Replace("-", "", StringComparison.Ordinal) : value;
}
