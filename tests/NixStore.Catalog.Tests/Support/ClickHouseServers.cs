using System.Diagnostics;
using NixStore.Catalog.ClickHouse;

namespace NixStore.Catalog.Tests.Support;

/// <summary>A real cluster of two shards, started for the first test that needs it; where it cannot be had those tests skip.</summary>
public abstract class ClickHouseServers : IDisposable
{
    private static int s_databases;
    private readonly string _version;
    private readonly string _origin;
    private readonly Lazy<string?> _address;
    private Process? _process;

    private protected ClickHouseServers(string version, string origin) => (_version, _origin, _address) = (version, origin, new Lazy<string?>(Start));

    /// <summary>A database of its own for a test; skips the test, visibly, when there is no server.</summary>
    public ClickHouseAddress NewDatabase(string cluster = "lab")
    {
        Skip.If(_address.Value is null, $"CLICKHOUSE MISSING: tests/interop/clickhouse.sh needs {_origin}");
        return ClickHouseAddress.Parse(_address.Value!.Replace("/catalog?", $"/catalog{Interlocked.Increment(ref s_databases)}?", StringComparison.Ordinal).Replace("cluster=lab", $"cluster={cluster}", StringComparison.Ordinal));
    }

    /// <summary>Kills a shard as kill -9 does; disposing of the result starts it again.</summary>
    public IDisposable Kill(int shard)
    {
        Command($"kill {shard}", $"killed {shard}");
        return new Restart(this, shard);
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);

        // It runs until its input ends.
        _process?.StandardInput.Close();
        _process?.WaitForExit(20_000);
        _process?.Dispose();
        Clean();
        GC.SuppressFinalize(this);
    }

    /// <summary>Says how they are to be started.</summary>
    private protected virtual void Configure(ProcessStartInfo start)
    {
    }

    /// <summary>What is to be done when they have ended.</summary>
    private protected virtual void Clean()
    {
    }

    private void Command(string command, string answer)
    {
        _process!.StandardInput.WriteLine(command);
        Assert.Equal(answer, _process.StandardOutput.ReadLine());
    }

    private string? Start()
    {
        if (ServerScript.Start("clickhouse.sh", ["find", _version], [1, 2], port => ["run", $"{port}", "2", _version], Configure) is not var (process, address))
        {
            return null;
        }

        _process = process;
        return address;
    }

    private sealed class Restart(ClickHouseServers servers, int shard) : IDisposable
    {
        public void Dispose() => servers.Command($"start {shard}", $"started {shard}");
    }
}

/// <summary>Servers of the oldest version that is supported.</summary>
public sealed class OldClickHouseServers() : ClickHouseServers("debian", "Debian's package clickhouse-server")
{
    [CollectionDefinition(nameof(OldClickHouseServers))]
    public sealed class Tests : ICollectionFixture<OldClickHouseServers>;
}

/// <summary>Servers of a current version.</summary>
public sealed class CurrentClickHouseServers() : ClickHouseServers("current", "npm, whose package of the current version it gets")
{
    [CollectionDefinition(nameof(CurrentClickHouseServers))]
    public sealed class Tests : ICollectionFixture<CurrentClickHouseServers>;
}
