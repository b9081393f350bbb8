using System.Management.Automation;
using NixStore.Engine.Database;
using NixStore.Engine.Graph;
using NixStore.Engine.Roots;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Get-StoreRoot: what keeps paths of a store from being collected.</summary>
[Cmdlet(VerbsCommon.Get, "StoreRoot", DefaultParameterSetName = PathSet)]
[OutputType(typeof(StoreRoot))]
public sealed class GetStoreRootCommand : StorePathCommand
{
    private readonly Dictionary<StoreDatabase, IReadOnlyList<StoreRoot>> _roots = [];
    private readonly Dictionary<StoreDatabase, ClosureSizes> _sizes = [];

    /// <inheritdoc/>
    [Parameter(Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [StorePathText]
    [ArgumentCompleter(typeof(StorePathCompleter))]
    public override string[]? Path { get; set; }

    /// <summary>Only roots of these kinds.</summary>
    [Parameter]
    public StoreRootKind[]? Kind { get; set; }

    /// <summary>Also the size of all that each root keeps.</summary>
    [Parameter]
    public SwitchParameter IncludeSize { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var database = OpenDatabase();
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        var wildcards = new List<StorePathPattern>();
        var patterns = ReadPatterns(database);
        foreach (var pattern in patterns)
        {
            if (pattern.IsWildcard)
            {
                wildcards.Add(pattern);
                continue;
            }

            Try(() => wanted.UnionWith(Expand(database, pattern).Select(database.Store.Directory.Print)));
        }

        foreach (var root in _roots.Of(database, FindRoots))
        {
            var isWanted = patterns.Count == 0
                || (root.Path is { } path && (wanted.Contains(path) || wildcards.Exists(pattern => pattern.IsMatch(path))));
            if (isWanted && (Kind is null || Kind.Contains(root.Kind)))
            {
                WriteObject(IncludeSize ? root with { ClosureSize = _sizes.Of(database, LoadSizes).Of(root) } : root);
            }
        }
    }

    private IReadOnlyList<StoreRoot> FindRoots(StoreDatabase database)
    {
        var scanner = new RootScanner(database.Store, database.IsRegistered);
        var roots = scanner.FindAll(PipelineStopToken);
        foreach (var error in scanner.Incomplete)
        {
            WriteWarning($"{error.Message} {error.Remedy}".TrimEnd());
        }

        return roots;
    }

    private ClosureSizes LoadSizes(StoreDatabase database) => new(StoreGraph.Load(database, PipelineStopToken));
}
