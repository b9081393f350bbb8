using System.Management.Automation;
using NixStore.Engine.Database;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>
/// The base of cmdlets that take paths of a store. Piped strings bind to <c>-Path</c>, piped objects to <c>-LiteralPath</c> and
/// <c>-Store</c>, so that an object always means itself, in the store it came from.
/// </summary>
public abstract class StorePathCommand : StoreCommand
{
    /// <summary>Name of the parameter set with wildcards.</summary>
    protected const string PathSet = "Path";

    /// <summary>Name of the parameter set without.</summary>
    protected const string LiteralPathSet = "LiteralPath";

    private readonly OpenStores _stores = new();
    private readonly HashSet<string> _mounted = new(StringComparer.Ordinal);

    /// <summary>Which paths, with wildcards. A cmdlet that can do without declares it anew.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [StorePathText]
    [ArgumentCompleter(typeof(StorePathCompleter))]
    public virtual string[]? Path { get; set; }

    /// <summary>Which paths, every character as it stands.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(StorePathCompleter))]
    public string[]? LiteralPath { get; set; }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            _stores.Dispose();
        }
    }

    /// <summary>The database of this record's store; the same object for all records of one store.</summary>
    /// <exception cref="NixStoreException">Of <see cref="StoreCommand.LocateStore"/> and <see cref="StoreDatabase.OpenForReading"/>.</exception>
    protected StoreDatabase OpenDatabase() => _stores.Open(LocateStore());

    /// <summary>
    /// Before a path is called missing: looks once whether the store has any path at all. An empty store directory is one error and the
    /// end, not thousands of missing paths.
    /// </summary>
    /// <exception cref="StoreDirectoryEmptyException"/>
    protected void EnsureMounted(StoreDatabase database)
    {
        if (_mounted.Add(database.Store.Url))
        {
            PathLister.EnsureNotEmpty(database);
        }
    }

    /// <summary>What this record names; empty when it names nothing.</summary>
    private protected IReadOnlyList<StorePathPattern> ReadPatterns(StoreDatabase database)
        => LiteralPath is not null ? Array.ConvertAll(LiteralPath, text => StorePathPattern.Literal(ToUnixPath(text)))
            : Path is not null ? Array.ConvertAll(Path, text => StorePathPattern.Parse(ToUnixPath(text), database.Store))
            : [];

    /// <summary>The full logical paths of registered paths that a pattern covers; a literal one need not be registered.</summary>
    /// <exception cref="StorePathNotFoundException">Nothing matches the wildcard.</exception>
    /// <exception cref="NixStoreException">InvalidStorePath, NotInStoreDirectory</exception>
    private protected static IReadOnlyList<StorePath> Expand(StoreDatabase database, StorePathPattern pattern)
    {
        if (!pattern.IsWildcard)
        {
            return [StorePathResolver.Resolve(database.Store, pattern.Text)];
        }

        var found = database.ReadPaths().Where(row => pattern.IsMatch(row.Path)).Select(row => database.Store.Directory.Parse(row.Path)).ToList();
        return found.Count > 0 ? found : throw new StorePathNotFoundException(pattern.Text, database.Store);
    }

    /// <summary>Relative paths count from PowerShell's location; drives and provider prefixes are PowerShell's own.</summary>
    private string ToUnixPath(string text)
    {
        var isOurs = !text.Contains(':') && !text.StartsWith("./", StringComparison.Ordinal) && !text.StartsWith("../", StringComparison.Ordinal)
            && !text.StartsWith("~/", StringComparison.Ordinal);
        return isOurs ? text : SessionState.Path.GetUnresolvedProviderPathFromPSPath(text);
    }
}
