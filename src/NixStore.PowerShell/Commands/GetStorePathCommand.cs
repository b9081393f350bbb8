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

    private void WriteOne(StoreDatabase database, Func<PathLookup, StorePathInfo> describe, Func<PathLookup, PathRow> find)
    {
        var lookup = new PathLookup(database);
        try
        {
            var path = describe(lookup);
            if (CheckContents && path.State != StorePathState.Unregistered)
            {
                using var verifier = new PathVerifier(database.Store, new LinksIndex(database.Store));
                path = verifier.Verify(find(lookup), PipelineStopToken).Info;
            }

            if (path.State == StorePathState.Missing && !Force)
            {
                EnsureMounted(database);
            }

            WriteObject(path);
        }
        catch (NixStoreException error) when (error is not StoreDirectoryEmptyException)
        {
            WriteError(error);
        }
    }

    private void WriteMany(StoreDatabase database, Func<string, bool>? filter)
    {
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
