using System.Management.Automation;
using NixStore.Catalog.Orphans;
using NixStore.Catalog.Storage;

namespace NixStore.PowerShell.Commands;

/// <summary>Get-BinaryCacheOrphan: what of a binary cache hangs in the air: unknown to Hydra, NARs and narinfos without each other, dangling references.</summary>
[Cmdlet(VerbsCommon.Get, "BinaryCacheOrphan", DefaultParameterSetName = ObjectSet)]
[OutputType(typeof(BinaryCacheOrphan), ParameterSetName = new[] { ObjectSet })]
[OutputType(typeof(BinaryCacheOrphanDay), ParameterSetName = new[] { DaySet })]
public sealed class GetBinaryCacheOrphanCommand : EngineCommand
{
    private const string ObjectSet = "Object";
    private const string DaySet = "Day";

    /// <summary>Which ones. Default: all for which the catalog has the tables.</summary>
    [Parameter(Position = 0)]
    public BinaryCacheOrphanKind[] Kind { get; set; } = [];

    /// <summary>Counts for each day on which something came into the cache, in the place of the objects.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DaySet)]
    public SwitchParameter PerDay { get; set; }

    /// <summary>Only what was written before this moment, or is older than this.</summary>
    [Parameter]
    [StoreAge]
    public StoreAge? Before { get; set; }

    /// <summary>Only what was written at this moment or later, or is not older than this.</summary>
    [Parameter]
    [StoreAge]
    public StoreAge? After { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var now = DateTimeOffset.UtcNow;
        var filter = new OrphanFilter { Before = Before?.CutOff(now), After = After?.CutOff(now) };
        var catalog = OpenAnyCatalog(PipelineStopToken);
        var kinds = Kind.Length > 0 ? Kind.Distinct() : OrphanSearch.KindsOf(catalog);
        foreach (var kind in kinds)
        {
            Try(() => Write(catalog, kind, filter));
        }
    }

    private void Write(ICatalog catalog, BinaryCacheOrphanKind kind, OrphanFilter filter)
    {
        using var progress = NewProgress("Looking for orphans");
        progress.Report(kind.ToString());
        if (kind == BinaryCacheOrphanKind.NarWithoutNarInfo)
        {
            Answer<long>(stop => [catalog.CountUnread(stop)], unread => WarnOf(unread, kind), progress);
        }

        Answer(stop => PerDay ? catalog.CountOrphansPerDay(kind, filter, stop) : (IEnumerable<object>)catalog.FindOrphans(kind, filter, stop), WriteObject, progress);
    }

    private void WarnOf(long unread, BinaryCacheOrphanKind kind)
    {
        if (unread > 0)
        {
            WriteWarning($"{unread:N0} narinfos of the listing are not in the catalog: NARs that only they name are counted as {kind}. Update-BinaryCacheCatalog reads them.");
        }
    }
}
