using System.Diagnostics;
using Npgsql;
using NixStore.Catalog.Hydra;

namespace NixStore.Catalog.Tests.Support;

/// <summary>A real PostgreSQL with Hydra's tables, started for the first test that needs it; where it cannot be had those tests skip.</summary>
public sealed class PostgresServer : IDisposable
{
    private static int s_databases;
    private readonly Lazy<string?> _address;
    private Process? _process;

    public PostgresServer() => _address = new Lazy<string?>(Start);

    /// <summary>Makes a database of its own for a test, and skips the test, visibly, when there is no server.</summary>
    public HydraLab NewHydra()
    {
        Skip.If(_address.Value is null, "POSTGRESQL MISSING: tests/interop/postgres.sh needs PostgreSQL 15 or Debian's packages");
        var name = $"hydra{Interlocked.Increment(ref s_databases)}";
        HydraLab.Execute(_address.Value!.Replace("/hydra", "/postgres", StringComparison.Ordinal), $"create database {name} template hydra");
        return new HydraLab(_address.Value![..(_address.Value!.LastIndexOf('/') + 1)] + name);
    }

    public void Dispose()
    {
        // It runs until its input ends.
        _process?.StandardInput.Close();
        _process?.WaitForExit(10_000);
        _process?.Dispose();
    }

    private string? Start()
    {
        if (ServerScript.Start("postgres.sh", ["get"], [], port => ["run", $"{port}"]) is not var (process, address))
        {
            return null;
        }

        _process = process;
        return address;
    }
}

[CollectionDefinition(Name)]
public sealed class HydraCollection : ICollectionFixture<PostgresServer>
{
    public const string Name = "Hydra";
}

/// <summary>A database with Hydra's tables.</summary>
public sealed class HydraLab(string url)
{
    public string Url => url;

    public string Connection => ConnectionString(url);

    public HydraDatabase Database => HydraDatabase.Parse(url);

    /// <summary>Builds from a number on, each with two steps of an output each; each step's path is that of its number, and every tenth has a null.</summary>
    public HydraLab AddBuilds(int from, int count)
    {
        Execute($"""
            insert into builds (id, finished, timestamp, jobset_id, job, drvPath, system, startTime, stopTime)
                select b, 1, 1700000000 + b, 1, 'job', '/nix/store/x.drv', 'x86_64-linux', 1700000000 + b, 1700000000 + b from generate_series({from}, {from + count - 1}) b;
            insert into buildsteps (build, stepnr, type, drvPath, busy, status, startTime, stopTime, system)
                select b, s, 0, '/nix/store/x.drv', 0, 0, 1700000000 + b, 1700000000 + b, case s when 1 then 'x86_64-linux' else 'aarch64-linux' end
                from generate_series({from}, {from + count - 1}) b, generate_series(1, 2) s;
            insert into buildstepoutputs (build, stepnr, name, path)
                select b, s, 'out', case when b % 10 = 0 and s = 2 then null else '/nix/store/' || lpad(((b * 2 + s) / 3)::text, 32, '0') || '-package-' || ((b * 2 + s) / 3) end
                from generate_series({from}, {from + count - 1}) b, generate_series(1, 2) s;
            """);
        return this;
    }

    public void Execute(string sql) => Execute(url, sql);

    public T Ask<T>(string sql)
    {
        using var connection = new NpgsqlConnection(ConnectionString(url));
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        return (T)command.ExecuteScalar()!;
    }

    internal static void Execute(string url, string sql)
    {
        using var connection = new NpgsqlConnection(ConnectionString(url));
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    private static string ConnectionString(string url)
    {
        var uri = new Uri(url);
        return $"Host={uri.Host};Port={uri.Port};Username=postgres;Database={uri.AbsolutePath[1..]};Pooling=false";
    }
}
