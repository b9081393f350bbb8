using System.Management.Automation;
using NixStore.Engine.Database;
using NixStore.Engine.Diagnosis;
using NixStore.Engine.Verification;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Get-StorePath: the paths of a store with what the database says of them and what is wrong with them.</summary>
[Cmdlet(VerbsCommon.Get, "StorePath", DefaultParameterSetName = PathSet)]
[OutputType(typeof(StorePathInfo))]
public sealed class GetStorePathCommand : StorePathCommand
{
    private const string HashPartSet = "HashPart";

    // Single paths come one by one through the pipeline; they are read side by side all the same.
    private readonly Dictionary<StoreDatabase, WorkerThreads<PathVerifier>> _verifiers = [];
    private OrderedResults<(StoreDatabase Database, StorePathInfo Path)>? _results;
    private ProgressDisplay? _progress;
    private long _written;

    /// <inheritdoc/>
    [Parameter(Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [StorePathText]
    [ArgumentCompleter(typeof(StorePathCompleter))]
    public override string[]? Path { get; set; }

    /// <summary>Which paths, by the 32 characters of their hash part.</summary>
    [Parameter(Mandatory = true, ParameterSetName = HashPartSet)]
    [ValidatePattern("^[0-9abcdfghijklmnpqrsvwxyz]{32}$")]
    public string[]? HashPart { get; set; }

    /// <summary>Read and hash the contents instead of looking only whether they are there.</summary>
    [Parameter]
    public SwitchParameter CheckContents { get; set; }

    /// <summary>Also what is in the store directory without being registered.</summary>
    [Parameter]
    public SwitchParameter IncludeUnregistered { get; set; }

    /// <summary>How many paths are read at once with -CheckContents. Default: one for each processor.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = Environment.ProcessorCount;

    /// <summary>List the paths of an empty store directory as missing, instead of taking it for one that is not mounted.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void Begin()
    {
        _progress = NewProgress("Verifying store paths");
        _results = new(ThrottleLimit * 4, result => Write(result.Database, result.Path), error => WriteError(error), PipelineStopToken)
        {
            Progress = _progress,
        };
    }

    /// <inheritdoc/>
    protected override void Process()
    {
        var database = OpenDatabase();
        var patterns = ReadPatterns(database);
        foreach (var pattern in patterns.Where(pattern => !pattern.IsWildcard))
        {
            WriteOne(database, lookup => lookup.Describe(pattern.Text, IncludeUnregistered), lookup => lookup.Find(pattern.Text));
        }

        foreach (var hashPart in HashPart ?? [])
        {
            WriteOne(database, lookup => lookup.DescribeByHashPart(hashPart, IncludeUnregistered), lookup => lookup.FindByHashPart(hashPart));
        }

        var wildcards = patterns.Where(pattern => pattern.IsWildcard).ToList();
        if (wildcards.Count > 0)
        {
            WriteMany(database, path => wildcards.Exists(pattern => pattern.IsMatch(path)));
        }
        else if (patterns.Count == 0 && HashPart is null)
        {
            WriteMany(database, null);
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        _results?.Finish();
        _progress?.Dispose();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            foreach (var threads in _verifiers.Values)
            {
                threads.Dispose();
            }
        }
    }

    private void WriteOne(StoreDatabase database, Func<PathLookup, StorePathInfo> describe, Func<PathLookup, PathRow> find)
    {
        var lookup = new PathLookup(database);
        try
        {
            var path = describe(lookup);
            if (!CheckContents)
            {
                Write(database, path);
            }
            else if (path.State == StorePathState.Unregistered)
            {
                _results!.Add(Task.FromResult((database, path)));
            }
            else
            {
                _results!.Add(Verify(database, find(lookup)));
            }
        }
        catch (NixStoreException error)
        {
            WriteError(error);
        }
    }

    private Task<(StoreDatabase Database, StorePathInfo Path)> Verify(StoreDatabase database, PathRow row)
    {
        var threads = _verifiers.Of(database, StartVerifiers);
        return threads.Run(verifier => (database, verifier.Verify(row, PipelineStopToken).Info), PipelineStopToken);
    }

    private WorkerThreads<PathVerifier> StartVerifiers(StoreDatabase database)
    {
        var links = new LinksIndex(database.Store);
        return new WorkerThreads<PathVerifier>(ThrottleLimit, () => new PathVerifier(database.Store, links));
    }

    private void Write(StoreDatabase database, StorePathInfo path)
    {
        if (path.State == StorePathState.Missing && !Force)
        {
            EnsureMounted(database);
        }

        _progress?.Report($"{++_written} paths, {path.Name}");
        WriteObject(path);
    }

    private void WriteMany(StoreDatabase database, Func<string, bool>? filter)
    {
        _results?.Finish();
        if (!Force)
        {
            EnsureMounted(database);
        }

        if (!CheckContents)
        {
            Pump<StorePathInfo>((emit, _) => Emit(PathLister.Open(database, acceptEmpty: true).List(filter, IncludeUnregistered), emit), WriteObject);
            return;
        }

        var counts = new VerificationProgress();
        using var progress = NewProgress("Verifying store paths");
        progress.Follow(new VerificationStatus(counts).Ask);
        Pump<StorePathInfo>(
            (emit, cancellation) =>
            {
                ParallelVerifier.Verify(database, filter, ThrottleLimit, path => emit(path.Info), counts, cancellation);
                if (IncludeUnregistered)
                {
                    Emit(PathLister.Open(database, acceptEmpty: true).ListUnregistered(filter), emit);
                }
            },
            WriteObject, progress);
    }

    private static void Emit(IEnumerable<StorePathInfo> paths, Action<StorePathInfo> emit)
    {
        foreach (var path in paths)
        {
            emit(path);
        }
    }
}
