using System.Management.Automation;
using NixStore.Catalog.Pruning.Applying;
using NixStore.Catalog.Pruning.Trash;

namespace NixStore.PowerShell.Commands;

/// <summary>Restore-BinaryCacheTrash: brings pruned paths back with all that they lead to, whole plans, or what was asked for in vain.</summary>
[Cmdlet(VerbsData.Restore, "BinaryCacheTrash", DefaultParameterSetName = PathSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(BinaryCacheTrashResult))]
public sealed class RestoreBinaryCacheTrashCommand : BinaryCacheTrashCommand
{
    private const string PathSet = "Path";
    private const string AllSet = "All";
    private const string LogSet = "AccessLog";

    private readonly List<NixStoreException> _unreadable = [];

    /// <summary>Wildcards for the name behind the hash. Upper and lower case differ.</summary>
    [Parameter(Position = 1, ParameterSetName = PathSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Hash parts of 32 characters.</summary>
    [Parameter(ParameterSetName = PathSet, ValueFromPipelineByPropertyName = true)]
    [ValidatePattern("^[0-9abcdfghijklmnpqrsvwxyz]{32}$")]
    public string[] HashPart { get; set; } = [];

    /// <summary>All that the plans have in the trash.</summary>
    [Parameter(Mandatory = true, ParameterSetName = AllSet)]
    public SwitchParameter All { get; set; }

    /// <summary>Access logs, plain, .gz or .zst, or folders with them: paths that were asked for in vain come back.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LogSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] FromAccessLog { get; set; } = [];

    /// <summary>The address of Hydra's database: rows of the paths that come back are put back, too.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? HydraConnection { get; set; }

    /// <summary>User and password for Hydra's database. Default: as its address says, PGPASSWORD and ~/.pgpass.</summary>
    [Parameter]
    [Credential]
    public PSCredential? HydraCredential { get; set; }

    /// <summary>How much comes back at the same time.</summary>
    [Parameter]
    [ValidateRange(1, 4096)]
    public int ThrottleLimit { get; set; } = 32;

    /// <inheritdoc/>
    protected override void Process()
    {
        if (ParameterSetName == PathSet && Name.Length == 0 && HashPart.Length == 0)
        {
            throw new NixStoreException("NothingChosen", StoreErrorKind.InvalidArgument, "Nobody says what is to be restored.", BinaryCache, "Give -Name, -HashPart or objects of Get-BinaryCacheTrash, or -All for all of a plan.");
        }

        if (ParameterSetName == PathSet && Name.Length == 0 && PlanId.Length == 1)
        {
            // Objects of Get-BinaryCacheTrash: the lists are read once for all of them.
            Gather(PlanId[0], HashPart);
            return;
        }

        var logs = LogsOf(FromAccessLog);
        using var progress = NewProgress("Looking into the trash");
        var found = new List<(string Plan, IReadOnlyList<string> Hashes)>();
        Pump<(string, IReadOnlyList<string>)>((emit, stop) =>
        {
            using var trash = OpenTrash(stop);
            foreach (var plan in PlansOf(trash, stop))
            {
                emit((plan, ParameterSetName == AllSet ? [] : Choose(trash, plan, logs, stop)));
            }
        }, found.Add, progress);
        if (ParameterSetName == PathSet && found.All(plan => plan.Hashes.Count == 0))
        {
            var named = HashPart.FirstOrDefault() ?? Name.FirstOrDefault(name => !WildcardPattern.ContainsWildcardCharacters(name));
            if (named is not null)
            {
                throw new NixStoreException("TrashItemNotFound", StoreErrorKind.NotFound, $"'{named}' is not in the trash of '{BinaryCache}'.", named, "Get-BinaryCacheTrash lists what is.");
            }
        }

        foreach (var (plan, hashes) in found.Where(plan => ParameterSetName == AllSet || plan.Hashes.Count > 0))
        {
            Gather(plan, ParameterSetName == AllSet ? null : hashes);
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        _unreadable.ForEach(error => WriteError(error));
        foreach (var ((cache, trashUrl, plan), hashes) in Gathered)
        {
            var what = hashes is null ? $"all of the plan {plan}" : $"{hashes.Count:N0} paths of the plan {plan}, with what they lead to";
            if (ShouldProcess(cache, $"Restore {what}"))
            {
                (BinaryCache, TrashUrl) = (cache, trashUrl);
                Try(() => Restore(plan, hashes));
            }
        }
    }

    private List<string> Choose(CacheTrash trash, string plan, IReadOnlyList<string> logs, CancellationToken cancellation)
    {
        if (ParameterSetName == PathSet)
        {
            return [.. trash.Paths(plan, Name, HashPart, cancellation).Select(item => item.HashPart)];
        }

        var since = trash.Summarize(plan, cancellation).GetAwaiter().GetResult().OldestTime;
        return since is null ? [] : trash.FindAsked(plan, AccessLogMisses.Find(logs, since.Value, _unreadable.Add, cancellation), cancellation);
    }

    private void Restore(string plan, HashSet<string>? hashes)
    {
        var hydra = HydraConnection is null ? null : HydraCommand.ToDatabase(HydraConnection, HydraCredential);
        var counts = new PruneProgress();
        using var progress = NewProgress("Restoring from the trash");
        progress.Follow(() => ($"{counts.Objects:N0} objects, {ByteSize.Format(counts.Bytes)}", counts.Objects, null));
        BinaryCacheTrashResult? result = null;
        Pump<BinaryCacheTrashResult>((emit, stop) =>
        {
            using var trash = OpenTrash(stop, ThrottleLimit);
            emit(trash.Restore(plan, hashes, hydra, counts, stop).GetAwaiter().GetResult());
        }, done => result = done, progress);
        WriteObject(result);
        if (result!.LostCount > 0)
        {
            WriteError(new NixStoreException("TrashObjectLost", StoreErrorKind.NotFound,
                $"{result.LostCount:N0} objects that come back or are needed by such, '{result.Lost[0]}' to begin with, are neither in '{BinaryCache}' nor in its trash any more.", result.Lost[0],
                "Upload their paths again: Lost names them."), result);
        }
    }
}
