using System.Management.Automation;
using NixStore.Caches.Repair;
using NixStore.Engine.Database;
using NixStore.Engine.Repair;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Repair-StorePath: brings paths back to what the database says of them, or the database to what can be proved.</summary>
[Cmdlet(VerbsDiagnostic.Repair, "StorePath", DefaultParameterSetName = PathSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(StorePathRepair), typeof(StorePathInfo))]
public sealed class RepairStorePathCommand : StorePathCommand
{
    private readonly Dictionary<RepairOutcome, int> _counts = [];
    private readonly List<NixStoreException> _missingSources = [];
    private RepairSession? _session;
    private ProgressDisplay? _progress;

    /// <summary>Where good contents may come from: binary caches, other stores, directories with either. Default: the substituters of nix.conf.</summary>
    [Parameter]
    [AllowEmptyCollection]
    [ArgumentCompleter(typeof(SourceCompleter))]
    public Uri[]? Source { get; set; }

    /// <summary>Whose signatures are believed where the row is in doubt. Default: the trusted-public-keys of nix.conf.</summary>
    [Parameter]
    [AllowEmptyCollection]
    public string[]? TrustedPublicKey { get; set; }

    /// <summary>Believe what sources say of a path without a signature.</summary>
    [Parameter]
    public SwitchParameter SkipSignatureCheck { get; set; }

    /// <summary>Where nothing proves what the contents should be, register those that are there.</summary>
    [Parameter]
    public SwitchParameter AssumeContents { get; set; }

    /// <summary>Let a Nix on this machine build a path again that no source has.</summary>
    [Parameter]
    public SwitchParameter Rebuild { get; set; }

    /// <summary>Repair the paths of an empty store directory, instead of taking it for one that is not mounted.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Give the repaired paths instead of reports about the repairs.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Begin()
    {
        var request = new RepairRequest
        {
            Sources = Source is null ? null : Array.ConvertAll(Source, source => ToStoreText(source.OriginalString)),
            TrustedPublicKeys = TrustedPublicKey,
            SkipSignatureCheck = SkipSignatureCheck,
            AssumeContents = AssumeContents,
            Rebuild = Rebuild,
            AcceptEmptyStore = Force,
        };
        _session = new RepairSession(request, NixConfiguration.Load(), PipelineStopToken);
        _progress = NewProgress("Repairing store paths");
        if (AssumeContents)
        {
            WriteWarning("With -AssumeContents, files that nothing vouches for are registered as they are: if they are damaged, the damage becomes valid.");
        }
    }

    /// <inheritdoc/>
    protected override void Process()
    {
        var database = OpenDatabase();
        var patterns = ReadPatterns(database);
        foreach (var pattern in patterns.Where(pattern => !pattern.IsWildcard))
        {
            RepairOne(database.Store, () => FindPath(database, pattern.Text));
        }

        // Collected first: no row is held open while rows are changed.
        var wildcards = patterns.Where(pattern => pattern.IsWildcard).ToList();
        var matches = wildcards.Count == 0 ? []
            : database.ReadPaths().Select(row => row.Path).Where(path => wildcards.Exists(pattern => pattern.IsMatch(path))).ToList();
        foreach (var path in matches)
        {
            RepairOne(database.Store, () => path);
        }
    }

    /// <inheritdoc/>
    protected override void End() => _progress?.Dispose();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            _session?.Dispose();
        }
    }

    private static string FindPath(StoreDatabase database, string text)
    {
        var path = database.Store.Directory.Print(StorePathResolver.Resolve(database.Store, text));
        return database.Find(path) is null ? throw new PathNotRegisteredException(path, database.Store) : path;
    }

    private void RepairOne(StoreLocation store, Func<string> find)
    {
        try
        {
            var path = find();
            if (!ShouldProcess(path, $"Repair in {store.Url}"))
            {
                return;
            }

            _progress!.Report($"{path}{Summary()}");
            Pump<RepairAttempt>(
                (emit, cancellation) =>
                {
                    if (_session!.Repair(store, path, cancellation) is { } attempt)
                    {
                        emit(attempt);
                    }
                },
                Write, _progress);
        }
        catch (NixStoreException error) when (error is not StoreDirectoryEmptyException)
        {
            WarnOfSources();
            WriteError(error);
        }
    }

    private void Write(RepairAttempt attempt)
    {
        WarnOfSources();
        if (attempt.Error is { } error)
        {
            WriteErrorsOfSources(error);
            WriteError(error);
        }

        _counts[attempt.Report.Outcome] = _counts.GetValueOrDefault(attempt.Report.Outcome) + 1;
        if (!PassThru)
        {
            WriteObject(attempt.Report);
        }
        else if (attempt.Path is not null)
        {
            WriteObject(attempt.Path);
        }
    }

    private void WarnOfSources()
    {
        foreach (var failure in _session!.TakeSourceFailures())
        {
            WriteWarning($"This source is left out: {failure.Message}");
            _missingSources.Add(failure);
        }
    }

    /// <summary>A source that was named and is not there is an error as soon as something would have needed it.</summary>
    private void WriteErrorsOfSources(NixStoreException error)
    {
        if (!_session!.HasNamedSources || error.ErrorId != "PathNotRepairable")
        {
            return;
        }

        _missingSources.ForEach(failure => WriteError(failure));
        _missingSources.Clear();
    }

    private string Summary() => _counts.Count == 0 ? "" : $" ({string.Join(", ", _counts.OrderBy(count => count.Key).Select(count => $"{count.Value} {count.Key}"))})";
}
