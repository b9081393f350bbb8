using System.Management.Automation;
using NixStore.Engine.Sources;
using NixStore.Engine.Stores;
using NixStore.Engine.Transfer;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Copy-StorePath: paths with all they need into another store of this machine.</summary>
[Cmdlet(VerbsCommon.Copy, "StorePath", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(StorePathInfo))]
public sealed class CopyStorePathCommand : StorePathBatchCommand
{
    private StoreLocation? _destination;
    private ImportTrust? _trust;

    /// <summary>The store to copy to, a URL or a directory; it is made when it does not exist.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(StoreCompleter))]
    public string? Destination { get; set; }

    /// <summary>Copy only the paths that are named; what they need must be valid in the destination.</summary>
    [Parameter]
    public SwitchParameter NoClosure { get; set; }

    /// <summary>Keys, <c>name:base64</c>, one of which must have signed each path. Default: those of nix.conf.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? TrustedPublicKey { get; set; }

    /// <summary>Copy paths that nobody signed, too.</summary>
    [Parameter]
    public SwitchParameter SkipSignatureCheck { get; set; }

    /// <inheritdoc/>
    protected override string Action => $"Copy to {_destination}";

    /// <inheritdoc/>
    protected override void Begin()
    {
        _destination = StoreLocator.Locate(ToStoreText(Destination!));
        _trust = TrustParameters.ToTrust(TrustedPublicKey, SkipSignatureCheck);
    }

    /// <inheritdoc/>
    protected override void Work(StoreLocation store, IReadOnlyCollection<StorePath> paths)
    {
        var source = Keep(LocalStoreSource.Open(store, _destination!.Directory));
        var importer = Keep(PathImporter.Open(_destination, PipelineStopToken));
        var work = new SourceImporter(importer, source, _trust!, ThrottleLimit);
        Transfer("Copying store paths", work.Progress, (emit, stop) => work.Import(
            paths, !NoClosure,
            path => emit(() => Copied(importer, path, paths.Contains(path.Path))),
            (path, error) => emit(() => WriteError(error, store.Directory.Print(path))),
            stop));
    }

    private void Copied(PathImporter importer, ImportedPath path, bool isRequested)
    {
        WriteVerbose($"{path.Path} {(path.WasValid ? "was valid in" : "copied to")} {_destination}");
        if (PassThru && isRequested && importer.Describe(path.Path) is { } copied)
        {
            WriteObject(copied);
        }
    }
}
