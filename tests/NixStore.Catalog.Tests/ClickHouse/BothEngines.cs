using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.Copying;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Querying;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.ClickHouse;

/// <summary>
/// Asks a catalog in its folder. Where <see cref="Variable"/> names a file, a copy of it on a cluster is asked too and has to give the same, and the file gets a line:
/// so the suites of the catalog and of pruning are those of both engines (<see cref="ClusterSuiteTests"/>).
/// </summary>
internal static class BothEngines
{
    /// <summary>The environment variable.</summary>
    internal const string Variable = "NIXSTORE_TEST_BOTH_ENGINES";

    private static readonly string? s_log = Environment.GetEnvironmentVariable(Variable);
    private static readonly Lazy<OldClickHouseServers> s_servers = new(() => new OldClickHouseServers());
    private static readonly ConcurrentDictionary<string, Lazy<ClusterCatalog>> s_copies = new(StringComparer.Ordinal);

    /// <summary>Finds narinfos.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="filter">Which.</param>
    /// <param name="now">The moment of its reachability.</param>
    internal static List<BinaryCacheCatalogPath> Find(CacheCatalog catalog, NarInfoFilter filter, DateTimeOffset now = default)
        => Ask(catalog, asked =>
        {
            if (asked is CacheCatalog || filter.Reachability is null)
            {
                return asked.Find(filter, default);
            }

            using var reached = asked.Reach(now, null, default);
            return asked.Find(filter with { Reachability = reached }, default).ToList();
        });

    /// <summary>Counts and sizes.</summary>
    internal static List<BinaryCacheMeasure> Measure(CacheCatalog catalog, BinaryCacheGrouping by, MeasureOptions? options = null)
    {
        options ??= new MeasureOptions();
        return Ask(catalog, asked => asked.Measure(by, options, default));
    }

    /// <summary>Asks for anything; what is found has no order, all else has the same.</summary>
    internal static List<T> Ask<T>(CacheCatalog catalog, Func<ICatalog, IEnumerable<T>> ask)
    {
        List<T> wanted;
        try
        {
            wanted = [.. ask(catalog)];
        }
        catch (NixStoreException error) when (s_log is not null)
        {
            Assert.Equal(error.ErrorId, Assert.ThrowsAny<NixStoreException>(() => ask(Copy(catalog)).Count()).ErrorId);
            Note($"{typeof(T).Name} {error.ErrorId}");
            throw;
        }

        if (s_log is not null)
        {
            var copy = Copy(catalog);
            Assert.Equal(Texts(wanted, catalog), Texts(ask(copy), copy));
            Note($"{typeof(T).Name} {wanted.Count}");
        }

        return wanted;
    }

    /// <summary>Makes a plan.</summary>
    internal static PrunePlan Plan(CacheCatalog catalog, string directory, PruneRequest request)
    {
        PrunePlan wanted;
        try
        {
            wanted = PrunePlanner.Make(catalog, directory, request);
        }
        catch (NixStoreException error) when (s_log is not null)
        {
            Assert.Equal(error.ErrorId, Assert.ThrowsAny<NixStoreException>(() => PrunePlanner.Make(Copy(catalog), directory + ".cluster", request)).ErrorId);
            Note($"plan {error.ErrorId}");
            throw;
        }

        if (s_log is not null)
        {
            AssertSame(wanted, PrunePlanner.Make(Copy(catalog), directory + ".cluster", request));
            Directory.Delete(directory + ".cluster", recursive: true);
            Note($"plan {wanted.Summary.PathCount}");
        }

        return wanted;
    }

    /// <summary>Asserts that two plans are the same, byte for byte.</summary>
    internal static void AssertSame(PrunePlan wanted, PrunePlan actual) => Assert.Equal(Files(wanted.Directory), Files(actual.Directory));

    private static List<string> Texts<T>(IEnumerable<T> items, ICatalog catalog)
    {
        var texts = CatalogTables.Texts(items, catalog);
        return [.. typeof(T) == typeof(BinaryCacheCatalogPath) ? texts.Order(StringComparer.Ordinal) : texts];
    }

    private static ClusterCatalog Copy(CacheCatalog catalog)
        => s_copies.GetOrAdd($"{catalog.Location} {JsonSerializer.Serialize(catalog.Manifest)}", _ => new Lazy<ClusterCatalog>(() =>
        {
            var address = s_servers.Value.NewDatabase();
            CatalogCopy.From(catalog).ToCluster(address, false, default);
            return ClusterCatalog.Open(address);
        })).Value;

    private static IEnumerable<string> Files(string folder)
        => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => $"{Path.GetRelativePath(folder, file)} {(file.EndsWith(".json", StringComparison.Ordinal) ? File.ReadAllText(file) : Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))))}");

    private static void Note(string what)
    {
        lock (s_copies)
        {
            File.AppendAllText(s_log!, what + "\n");
        }
    }
}
