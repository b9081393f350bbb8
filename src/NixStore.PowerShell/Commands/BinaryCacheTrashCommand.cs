using System.Management.Automation;
using NixStore.Catalog.Pruning.Objects;
using NixStore.Catalog.Pruning.Trash;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>The base of the cmdlets for the trash of a binary cache.</summary>
public abstract class BinaryCacheTrashCommand : ModuleCommand
{
    /// <summary>The address of the cache, <c>s3://…</c> or <c>file://…</c>, or a directory.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string BinaryCache { get; set; } = "";

    /// <summary>Where the trash is. Default: in the cache.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? TrashUrl { get; set; }

    /// <summary>Plans by their names. Default: all that have something in the trash.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Id")]
    [ValidatePattern("^[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}$")]
    [ArgumentCompleter(typeof(TrashPlanCompleter))]
    public string[] PlanId { get; set; } = [];

    /// <summary>Opens the trash.</summary>
    /// <exception cref="NixStoreException">BinaryCacheReadOnly, TrashElsewhere; errors of the cache.</exception>
    private protected CacheTrash OpenTrash(CancellationToken cancellation, int throttleLimit = 32)
        => CacheTrash.Open(ToCacheUrl(BinaryCache), string.IsNullOrEmpty(TrashUrl) ? null : ToCacheUrl(TrashUrl), new ObjectAccess { ThrottleLimit = throttleLimit }, cancellation);

    /// <summary>The plans that are meant.</summary>
    private protected IReadOnlyList<string> PlansOf(CacheTrash trash, CancellationToken cancellation) => PlanId.Length > 0 ? PlanId : [.. trash.PlanIds(cancellation)];

    /// <summary>The files of logs that parameters name: wildcards are resolved, and folders are looked through.</summary>
    /// <exception cref="NixStoreException">AccessLogNotFound: a wildcard or a folder has none.</exception>
    private protected IReadOnlyList<string> LogsOf(string[] paths) => [.. paths.SelectMany(path =>
        (WildcardPattern.ContainsWildcardCharacters(path) ? GetResolvedProviderPathFromPSPath(path, out _) : [SessionState.Path.GetUnresolvedProviderPathFromPSPath(path)])
            .SelectMany(found => Directory.Exists(found) ? Directory.EnumerateFiles(found, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal) : (IEnumerable<string>)[found])
            .DefaultIfEmpty()
            .Select(file => file ?? throw new NixStoreException("AccessLogNotFound", StoreErrorKind.NotFound, $"'{path}' has no access logs.", path, "Check the path.")))];

    /// <summary>Adds to what is gathered of a plan: paths, or all of it.</summary>
    private protected void Gather(string plan, IReadOnlyCollection<string>? hashes)
    {
        var key = (BinaryCache, TrashUrl, plan);
        if (hashes is null)
        {
            Gathered[key] = null;
        }
        else if (!Gathered.TryGetValue(key, out var known))
        {
            Gathered[key] = [.. hashes];
        }
        else
        {
            known?.UnionWith(hashes);
        }
    }

    /// <summary>What records of the pipeline name, so that the lists of a plan are read once for all of them; null = all of a plan.</summary>
    private protected Dictionary<(string Cache, string? TrashUrl, string Plan), HashSet<string>?> Gathered { get; } = [];
}
