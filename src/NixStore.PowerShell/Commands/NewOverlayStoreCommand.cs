using System.Management.Automation;
using NixStore.Engine.Overlay.Mounting;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>New-OverlayStore: an overlay store of one's own on a lower store that is shared.</summary>
[Cmdlet(VerbsCommon.New, "OverlayStore", SupportsShouldProcess = true)]
[OutputType(typeof(OverlayStore))]
public sealed class NewOverlayStoreCommand : StoreCommand
{
    /// <summary>No parameter here: what is named by it is the lower store.</summary>
    public override string? Store
    {
        get => LowerStore;
        set => LowerStore = value;
    }

    /// <summary>The store below.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Store")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(StoreCompleter))]
    public string? LowerStore { get; set; }

    /// <summary>The directory to make it in.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The directory of the upper layer.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? UpperLayer { get; set; }

    /// <summary>The kernel's scratch directory.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? WorkDirectory { get; set; }

    /// <summary>A program that remounts.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? RemountHook { get; set; }

    /// <summary>For use where the store's nix directory is bind-mounted at /nix.</summary>
    [Parameter]
    public SwitchParameter Physical { get; set; }

    /// <summary>Have Nix take the mount on trust.</summary>
    [Parameter]
    public SwitchParameter NoMountCheck { get; set; }

    /// <summary>Mount it as well.</summary>
    [Parameter]
    public SwitchParameter Mount { get; set; }

    /// <summary>Give the store.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var maker = OverlayMaker.Plan(new OverlayRequest
        {
            LowerStore = ToStoreText(LowerStore!),
            Path = GetUnresolvedProviderPathFromPSPath(Path!),
            UpperLayer = ToFile(UpperLayer),
            WorkDirectory = ToFile(WorkDirectory),
            RemountHook = ToFile(RemountHook),
            IsPhysical = Physical,
            ChecksMount = !NoMountCheck,
        });
        if (!ShouldProcess(maker.Store.Url, Mount ? "Make and mount an overlay store" : "Make an overlay store"))
        {
            return;
        }

        maker.Make();
        if (Mount && !OverlayMounter.IsMounted(maker.Store))
        {
            OverlayMounter.Mount(maker.Store, null);
        }

        if (PassThru)
        {
            WriteObject(maker.Describe());
        }
    }

    private string? ToFile(string? path) => path is null ? null : GetUnresolvedProviderPathFromPSPath(path);
}
