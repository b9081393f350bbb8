using System.Management.Automation;
using NixStore.Engine.Database;
using NixStore.Engine.Graph;
using NixStore.Engine.Verification;

namespace NixStore.PowerShell.Commands;

/// <summary>Get-StoreClosure: paths with all they need, or all that needs them.</summary>
[Cmdlet(VerbsCommon.Get, "StoreClosure", DefaultParameterSetName = PathSet)]
[OutputType(typeof(StorePathInfo))]
public sealed class GetStoreClosureCommand : StorePathCommand
{
    private readonly Dictionary<StoreDatabase, StoreClosure> _closures = [];
    private readonly Dictionary<StoreDatabase, List<long>> _gathered = [];

    /// <summary>The other way: everything that refers to the paths, directly or not.</summary>
    [Parameter]
    public SwitchParameter Referrers { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var database = OpenDatabase();
        var starts = new List<long>();
        foreach (var pattern in ReadPatterns(database))
        {
            Try(() => starts.AddRange(Find(database, pattern)));
        }

        if (Referrers)
        {
            // What a later record adds may have to come before what an earlier one has.
            _gathered.TryAdd(database, []);
            _gathered[database].AddRange(starts);
        }
        else
        {
            WriteClosure(database, starts);
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        foreach (var (database, starts) in _gathered)
        {
            WriteClosure(database, starts);
        }
    }

    private static List<long> Find(StoreDatabase database, StorePathPattern pattern)
    {
        if (!pattern.IsWildcard)
        {
            return [new PathLookup(database).Find(pattern.Text).Id];
        }

        var found = database.ReadPaths().Where(row => pattern.IsMatch(row.Path)).Select(row => row.Id).ToList();
        return found.Count > 0 ? found : throw new StorePathNotFoundException(pattern.Text, database.Store);
    }

    private StoreClosure NewClosure(StoreDatabase database) => new(database, Referrers ? ClosureDirection.Referrers : ClosureDirection.References);

    private void WriteClosure(StoreDatabase database, List<long> starts)
    {
        var closure = _closures.Of(database, NewClosure);
        foreach (var id in closure.Extend(starts, PipelineStopToken))
        {
            PipelineStopToken.ThrowIfCancellationRequested();
            if (database.Find(id) is { } row)
            {
                var path = PathLister.Describe(row, database.Store);
                WriteObject(path);
                foreach (var dangling in row.DanglingReferences)
                {
                    WriteError(new ClosureIncompleteException(row.Path, dangling, database.Store), path);
                }
            }
        }
    }
}
