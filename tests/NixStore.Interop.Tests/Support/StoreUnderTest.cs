using NixStore.Caches.BinaryCaches;
using NixStore.Engine.Database;
using NixStore.Engine.Repair;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;

namespace NixStore.Interop.Tests.Support;

/// <summary>A fresh copy of a lab store that a test damages, looks at and repairs, with the same steps as the cmdlets.</summary>
internal sealed class StoreUnderTest : IDisposable
{
    private const int Workers = 2;
    private readonly LabStore _store;

    private StoreUnderTest(LabStore store) => _store = store;

    internal StoreUnderTest(bool optimised) : this(optimised ? LabStore.Optimised() : LabStore.Signed())
    {
    }

    /// <summary>One of stores with other contents for each seed; see <see cref="LabStore.Seeded"/>.</summary>
    internal static StoreUnderTest Seeded(int seed, int paths) => new(LabStore.Seeded(seed, paths));

    internal string Root => _store.Root;

    internal StoreLocation Location => _store.Location;

    /// <summary>Another one with the same files.</summary>
    internal static StoreUnderTest CopyOf(StoreUnderTest original) => new(LabStore.CopyOf(original._store));

    internal void Damage(string name) => _store.Damage(name);

    /// <summary>As the other; it may fail, as when earlier damage has left nothing to do.</summary>
    internal CommandResult TryDamage(string name) => _store.TryDamage(name);

    internal string PathOf(string name) => _store.PathOf(name);

    /// <summary>The file system path of an object, by its name.</summary>
    internal string RealPathOf(string name) => $"{Location.RealDirectory}/{Path.GetFileName(PathOf(name))}";

    /// <summary>True when files of this copy can be made immutable.</summary>
    internal bool HasImmutableFlag()
    {
        var probe = $"{Root}/immutable-probe";
        File.WriteAllText(probe, "");
        return Command.Exists("chattr") && Chattr("+i", probe) && Chattr("-i", probe);
    }

    /// <summary>What `Get-StorePath -CheckContents -IncludeUnregistered` finds not to be in order, by path.</summary>
    internal IReadOnlyList<StorePathInfo> Check()
    {
        using var database = StoreDatabase.OpenForReading(Location);
        PathLister.EnsureNotEmpty(database);
        var found = new List<StorePathInfo>();
        ParallelVerifier.Verify(database, null, Workers, path =>
        {
            lock (found)
            {
                found.Add(path.Info);
            }
        }, new VerificationProgress(), CancellationToken.None);
        found.AddRange(PathLister.Open(database).ListUnregistered());
        return [.. found.Where(path => path.Problems.Count > 0).OrderBy(path => path.Path, StringComparer.Ordinal)];
    }

    /// <summary>Repairs what is invalid among what was found; errors are in the order of the paths.</summary>
    /// <param name="found">What was found.</param>
    /// <param name="cache">Where contents are, if anywhere.</param>
    /// <param name="change">Other options.</param>
    /// <param name="whileOpen">What happens after the repairs, before the store is closed again.</param>
    internal (List<StorePathRepair> Repairs, List<NixStoreException> Errors) Repair(
        IEnumerable<StorePathInfo> found, SignedCache? cache = null, Func<RepairOptions, RepairOptions>? change = null, Action? whileOpen = null)
    {
        using var sources = SourceList.Open(cache is null ? [] : [cache.Url]);
        var options = new RepairOptions { Sources = [.. sources.Sources], TrustedKeys = cache is null ? Engine.Signatures.TrustedKeys.None : SignedCache.Keys };
        using var repairer = StoreRepairer.Open(Location, change?.Invoke(options) ?? options, CancellationToken.None);
        var repairs = new List<StorePathRepair>();
        var errors = new List<NixStoreException>();
        foreach (var path in found.Where(path => path.Invalid))
        {
            try
            {
                repairs.Add(repairer.Repair(path.Path, CancellationToken.None));
            }
            catch (NixStoreException error)
            {
                errors.Add(error);
            }
        }

        whileOpen?.Invoke();
        return (repairs, errors);
    }

    public void Dispose()
    {
        // What a case made immutable could not be removed.
        if (Command.Exists("chattr"))
        {
            _ = Chattr("-R", "-i", "-a", Location.RealDirectory);
        }

        _store.Dispose();
    }

    private static bool Chattr(params string[] arguments) => Command.Try(new Dictionary<string, string>(), "chattr", arguments).ExitCode == 0;
}
