using System.Management.Automation;
using NixStore.Engine.Database;
using NixStore.Engine.Overlay;
using NixStore.Engine.Overlay.Publishing;
using NixStore.Engine.Stores;

namespace NixStore.PowerShell.Commands;

/// <summary>Publish-OverlayStorePath: paths of an overlay store, with all they need, into its lower store.</summary>
[Cmdlet(VerbsData.Publish, "OverlayStorePath", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(OverlayPublication))]
public sealed class PublishOverlayStorePathCommand : StorePathBatchCommand
{
    private readonly Dictionary<StoreLocation, StoreDatabase> _lower = [];

    /// <summary>Publish only the paths that are named; what they need must be valid in the lower store.</summary>
    [Parameter]
    public SwitchParameter NoClosure { get; set; }

    /// <summary>Remove the upper copies of what the lower store has then, and remount.</summary>
    [Parameter]
    public SwitchParameter RemoveFromUpper { get; set; }

    /// <inheritdoc/>
    protected override string Action => RemoveFromUpper ? "Publish to the lower store and remove from the upper layer" : "Publish to the lower store";

    /// <inheritdoc/>
    protected override void Work(StoreLocation store, IReadOnlyCollection<StorePath> paths)
    {
        var options = new PublicationOptions { WithClosure = !NoClosure, RemovesFromUpper = RemoveFromUpper, Threads = ThrottleLimit };
        Action<Action>? tell = null;
        var publisher = Keep(OverlayPublisher.Open(
            store, options,
            path => tell!(() => Write(path)),
            (path, error) => tell!(() => WriteError(error, store.Directory.Print(path))),
            copy => tell!(() => WriteVerbose($"upper copy removed: {copy}")),
            warning => tell!(() => WriteWarning(warning.Message + " " + warning.Remedy)),
            PipelineStopToken));
        Transfer("Publishing store paths", publisher.Progress, (emit, stop) =>
        {
            tell = emit;
            publisher.Publish(paths, stop);
        });
    }

    /// <inheritdoc/>
    protected override StoreLocation LocateStore() => OverlayLocator.Locate(Store is null ? null : ToStoreText(Store));

    /// <summary>A pattern means what is there to publish, and not all that the lower store has.</summary>
    private protected override bool IsMeant(StoreLocation store, StorePath path)
        => store.Overlay!.LayerOf(path) is StoreLayer.Upper or StoreLayer.Both
        || !_lower.Of(store.Overlay.Lower, lower => Keep(StoreDatabase.OpenForReading(lower))).IsRegistered(store.Directory.Print(path));

    private void Write(OverlayPublication publication)
    {
        WriteVerbose($"{publication}");
        if (PassThru)
        {
            WriteObject(publication);
        }
    }
}
