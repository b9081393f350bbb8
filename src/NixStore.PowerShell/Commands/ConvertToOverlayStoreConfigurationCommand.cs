using System.Management.Automation;
using NixStore.Engine.Overlay;
using NixStore.Engine.Overlay.Configuration;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>ConvertTo-OverlayStoreConfiguration: writes how an overlay store is mounted and opened, for Nix, systemd, NixOS or containers.</summary>
[Cmdlet(VerbsData.ConvertTo, "OverlayStoreConfiguration", DefaultParameterSetName = StoreSet)]
[OutputType(typeof(string))]
public sealed class ConvertToOverlayStoreConfigurationCommand : OverlayStoreCommand
{
    // Sets of their own: PowerShell would make an OverlayStore of any object that has a property Store, and leave all else in it null.
    private const string StoreSet = "Store";
    private const string ObjectSet = "InputObject";

    /// <summary>The overlay store, where no object tells of it: a URL, or the directory it was made in.</summary>
    [Parameter(ParameterSetName = StoreSet, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(OverlayStoreCompleter))]
    public override string? Store { get; set; }

    /// <summary>The overlay store, as New-OverlayStore, Mount-OverlayStore and Get-OverlayStore give it. Default: what -Store names.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ObjectSet, ValueFromPipeline = true)]
    [ValidateNotNull]
    public OverlayStore? InputObject { get; set; }

    /// <summary>What the configuration is for.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public OverlayConfigurationFormat As { get; set; }

    /// <summary>Of a store at the physical /nix/store: the directory of the machine whose nix becomes /nix. Default: the one that it was made in.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Docker, Podman, Kubernetes: the image of the container that uses the store.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Image { get; set; } = OverlayDeployment.DefaultImage;

    /// <summary>Docker, Podman, Kubernetes: the user who uses the store; the upper layer and the state are given to them.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? UserId { get; set; }

    /// <inheritdoc/>
    protected override void Process() => WriteObject(OverlayConfigurations.Write(new OverlayDeployment
    {
        Store = InputObject ?? OverlayStoreFactory.Create(LocateOverlay()),
        Path = Path is null ? null : System.IO.Path.TrimEndingDirectorySeparator(SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path)),
        Image = Image,
        UserId = UserId,
    }, As), enumerateCollection: true);
}
