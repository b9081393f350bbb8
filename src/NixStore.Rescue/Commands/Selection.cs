using NixStore.Engine.Database;
using NixStore.Engine.Verification;
using NixStore.Rescue.Output;

namespace NixStore.Rescue.Commands;

/// <summary>The paths that a command is to work on: those named, or all of the store.</summary>
internal sealed class Selection
{
    private readonly StoreDatabase _database;
    private readonly HashSet<string>? _named;

    private Selection(StoreDatabase database, HashSet<string>? named)
    {
        _database = database;
        _named = named;
    }

    /// <summary>Looks up what is named.</summary>
    /// <exception cref="StorePathNotFoundException"/>
    /// <exception cref="NixStoreException">InvalidStorePath, NotInStoreDirectory</exception>
    public static Selection Of(StoreDatabase database, string[] names)
    {
        var lookup = new PathLookup(database);
        return new Selection(database, names.Length == 0 ? null
            : names.Select(name => lookup.Find(Absolute(name)).Path).ToHashSet(StringComparer.Ordinal));
    }

    /// <summary>What a user wrote, with a relative path counted from the working directory.</summary>
    public static string Absolute(string name) => name is ['.', ..] ? Path.GetFullPath(name) : name;

    /// <summary>Says of a full logical path whether it is one of them; null when all are.</summary>
    public Func<string, bool>? Filter => _named is null ? null : _named.Contains;

    /// <summary>The paths by their rows and their presence.</summary>
    /// <exception cref="StoreDirectoryEmptyException"/>
    public IEnumerable<StorePathInfo> List(bool acceptEmpty) => PathLister.Open(_database, acceptEmpty).List(Filter);

    /// <summary>The paths by their contents as well; <paramref name="found"/> is called by one thread at a time.</summary>
    /// <exception cref="StoreDirectoryEmptyException"/>
    public void Verify(bool acceptEmpty, int jobs, IReport report, Action<StorePathInfo> found, CancellationToken cancellation)
    {
        if (!acceptEmpty)
        {
            PathLister.EnsureNotEmpty(_database);
        }

        var gate = new Lock();
        var progress = new VerificationProgress();
        report.Track("Verifying", progress, () => ParallelVerifier.Verify(_database, Filter, jobs, Tell, progress, cancellation));

        void Tell(VerifiedPath path)
        {
            lock (gate)
            {
                found(path.Info);
            }
        }
    }
}
