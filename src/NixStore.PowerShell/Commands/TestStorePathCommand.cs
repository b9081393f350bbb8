using System.Management.Automation;
using NixStore.Engine.Database;
using NixStore.Engine.Signatures;
using NixStore.Engine.Verification;

namespace NixStore.PowerShell.Commands;

/// <summary>Test-StorePath: whether paths are all right, in every respect that can be checked.</summary>
[Cmdlet(VerbsDiagnostic.Test, "StorePath", DefaultParameterSetName = PathSet)]
[OutputType(typeof(bool), typeof(StorePathInfo))]
public sealed class TestStorePathCommand : StorePathCommand
{
    private readonly Dictionary<StoreDatabase, StoreTester> _testers = [];
    private OrderedResults<StorePathInfo?>? _results;
    private ProgressDisplay? _progress;
    private TrustedKeys? _trusted;
    private long _written;

    /// <summary>Keys, <c>name:base64</c>, one of which must have signed each path that is neither built here nor content-addressed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? TrustedPublicKey { get; set; }

    /// <summary>Give the findings instead of true and false.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <summary>How many paths are read at once. Default: one for each processor.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = Environment.ProcessorCount;

    /// <inheritdoc/>
    protected override void Begin()
    {
        _trusted = TrustedPublicKey is null ? null : TrustedKeys.Parse(TrustedPublicKey);
        _progress = NewProgress("Testing store paths");
        _results = new OrderedResults<StorePathInfo?>(ThrottleLimit * 4, Write, error => WriteError(error), PipelineStopToken) { Progress = _progress };
    }

    /// <inheritdoc/>
    protected override void Process()
    {
        var database = OpenDatabase();
        foreach (var pattern in ReadPatterns(database))
        {
            try
            {
                Test(database, pattern);
            }
            catch (StorePathNotFoundException) when (!Detailed)
            {
                _results!.Add(Task.FromResult<StorePathInfo?>(null));
            }
            catch (NixStoreException error)
            {
                WriteError(error);
            }
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
            foreach (var tester in _testers.Values)
            {
                tester.Dispose();
            }
        }
    }

    private void Test(StoreDatabase database, StorePathPattern pattern)
    {
        if (!pattern.IsWildcard)
        {
            Test(database, new PathLookup(database).Find(pattern.Text));
            return;
        }

        var any = false;
        foreach (var row in database.ReadPaths().Where(row => pattern.IsMatch(row.Path)))
        {
            any = true;
            Test(database, row);
        }

        if (!any)
        {
            throw new StorePathNotFoundException(pattern.Text, database.Store);
        }
    }

    private void Test(StoreDatabase database, PathRow row)
    {
        _results!.Add(_testers.Of(database, NewTester).Test(row, PipelineStopToken)!);
    }

    private StoreTester NewTester(StoreDatabase database) => new(database.Store, ThrottleLimit, _trusted, KnownKeys.Read());

    /// <summary>Null stands for a path that is not registered.</summary>
    private void Write(StorePathInfo? path)
    {
        _progress?.Report($"{++_written} done, {path?.Name}");
        if (path?.State == StorePathState.Missing)
        {
            EnsureMounted(_testers.Keys.First(database => database.Store.Url == path.Store));
        }

        if (!Detailed)
        {
            WriteObject(path?.Problems.Count == 0);
        }
        else if (path is not null)
        {
            WriteObject(path);
        }
    }
}
