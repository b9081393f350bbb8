using System.Management.Automation;
using NixStore.Engine.Trash;

namespace NixStore.PowerShell.Commands;

/// <summary>Restore-StoreTrash: brings things back from the trash, with all they need.</summary>
[Cmdlet(VerbsData.Restore, "StoreTrash", DefaultParameterSetName = PathSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(StoreTrashResult))]
public sealed class RestoreStoreTrashCommand : StoreTrashCommand
{
    private readonly Dictionary<string, TrashRestorer> _restorers = new(StringComparer.Ordinal);
    private ProgressDisplay? _progress;
    private long _done;

    /// <summary>Believe that the files are what was registered, without reading them.</summary>
    [Parameter]
    public SwitchParameter SkipVerification { get; set; }

    /// <inheritdoc/>
    protected override void Begin() => _progress = NewProgress("Restoring from the trash");

    /// <inheritdoc/>
    protected override void Process()
    {
        var store = LocateStore();
        var wanted = StoreTrash.List(store, Failures.Enqueue).Where(MakeFilter()).Reverse().DistinctBy(item => item.Path).ToList();
        WriteFailures();
        WriteErrorIfNothing(wanted.Count, store.Url);
        foreach (var item in wanted)
        {
            if (!ShouldProcess(item.Path, $"Restore from the trash of {store.Url}"))
            {
                continue;
            }

            if (!_restorers.TryGetValue(store.Url, out var restorer))
            {
                restorer = TrashRestorer.Open(store, SkipVerification, Failures.Enqueue, PipelineStopToken);
                _restorers.Add(store.Url, restorer);
            }

            Restore(restorer, item);
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
            foreach (var restorer in _restorers.Values)
            {
                restorer.Dispose();
            }
        }
    }

    private void Restore(TrashRestorer restorer, StoreTrashItem item)
    {
        _progress!.Report($"{_done++} restored, {item.Name}");
        if (restorer.HasRestored(item.Path))
        {
            // As something that another one needs.
            return;
        }

        try
        {
            Pump<StoreTrashResult>((emit, _) => restorer.Restore(item.Path, emit), WriteObject, _progress);
        }
        catch (NixStoreException error)
        {
            WriteError(error, item);
        }
    }
}
