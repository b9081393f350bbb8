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
    // One look for all records of a store: the roots of two paths are then of the same moment.
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

        foreach (var root in FindRoots(database))
        {
            var isWanted = patterns.Count == 0
                || (root.Path is { } path && (wanted.Contains(path) || wildcards.Exists(pattern => pattern.IsMatch(path))));
            if (isWanted && (Kind is null || Kind.Contains(root.Kind)))
            {
                WriteObject(IncludeSize ? root with { ClosureSize = SizesOf(database).Of(root) } : root);
            }
        }
    }

    private IReadOnlyList<StoreRoot> FindRoots(StoreDatabase database)
    {
        if (!_roots.TryGetValue(database, out var roots))
        {
            var scanner = new RootScanner(database.Store, database.IsRegistered);
            roots = scanner.FindAll(PipelineStopToken);
            _roots.Add(database, roots);
            foreach (var error in scanner.Incomplete)
            {
                WriteWarning($"{error.Message} {error.Remedy}".TrimEnd());
            }
        }

        return roots;
    }

    private ClosureSizes SizesOf(StoreDatabase database)
    {
        if (!_sizes.TryGetValue(database, out var sizes))
        {
            sizes = new ClosureSizes(StoreGraph.Load(database, PipelineStopToken));
            _sizes.Add(database, sizes);
        }

        return sizes;
    }
}
