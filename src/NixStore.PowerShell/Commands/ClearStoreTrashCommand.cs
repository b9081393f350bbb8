using System.Management.Automation;
using NixStore.Engine.Stores;
using NixStore.Engine.Trash;

namespace NixStore.PowerShell.Commands;

/// <summary>Clear-StoreTrash: deletes for ever what is in the trash.</summary>
[Cmdlet(VerbsCommon.Clear, "StoreTrash", DefaultParameterSetName = PathSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(StoreTrashResult))]
public sealed class ClearStoreTrashCommand : StoreTrashCommand
{
    private readonly Dictionary<string, (StoreLocation Store, HashSet<(string Id, string Path)> Items)> _wanted = new(StringComparer.Ordinal);

    /// <summary>Only what was put there so long ago, such as 14d.</summary>
    [Parameter]
    [StoreAge]
    public StoreAge? OlderThan { get; set; }

    /// <summary>How many things are deleted at once. Default: one for each processor.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = Environment.ProcessorCount;

    /// <summary>Give a report for each thing.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var store = LocateStore();
        var before = OlderThan?.CutOff(DateTimeOffset.Now) ?? DateTimeOffset.MaxValue;
        var wanted = StoreTrash.List(store, Failures.Enqueue).Where(MakeFilter()).Where(item => item.TrashedTime < before).ToList();
        WriteFailures();
        if (OlderThan is null)
        {
            WriteErrorIfNothing(wanted.Count, store.Url);
        }

        // Gathered first: the entries of .links are looked through once for all.
        if (!_wanted.ContainsKey(store.Url))
        {
            _wanted.Add(store.Url, (store, []));
        }

        foreach (var collection in wanted.GroupBy(item => item.Id))
        {
            var size = ByteSize.Format(collection.Sum(item => item.Size));
            if (ShouldProcess($"{collection.Count()} things, {size}, of the collection {collection.Key}", $"Delete for ever from the trash of {store.Url}"))
            {
                _wanted[store.Url].Items.UnionWith(collection.Select(item => (item.Id, item.Path)));
            }
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        using var progress = NewProgress("Clearing the trash");
        var cleared = 0L;
        foreach (var (store, items) in _wanted.Values.Where(wanted => wanted.Items.Count > 0))
        {
            Pump<StoreTrashResult>(
                (emit, cancellation) => TrashCleaner.Clear(
                    store, item => items.Contains((item.Id, item.Path)), ThrottleLimit, emit, Failures.Enqueue, cancellation),
                result =>
                {
                    progress.Report($"{++cleared} cleared, {result.Path}");
                    if (PassThru)
                    {
                        WriteObject(result);
                    }
                },
                progress);
            WriteFailures();
        }
    }
}
