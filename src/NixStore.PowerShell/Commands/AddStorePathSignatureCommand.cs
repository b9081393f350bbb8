using System.Management.Automation;
using NixStore.Engine.Signatures;
using NixStore.Engine.Stores;
using NixStore.Engine.Transfer;

namespace NixStore.PowerShell.Commands;

/// <summary>Add-StorePathSignature: vouch for paths with a secret key, so that other stores accept them.</summary>
[Cmdlet(VerbsCommon.Add, "StorePathSignature", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(StorePathInfo))]
public sealed class AddStorePathSignatureCommand : StorePathBatchCommand
{
    private List<NixSecretKey> _keys = [];

    /// <summary>Files with the secret keys.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string[]? SecretKeyPath { get; set; }

    /// <summary>Sign what the database says without reading the contents.</summary>
    [Parameter]
    public SwitchParameter SkipContentsCheck { get; set; }

    /// <inheritdoc/>
    protected override string Action => $"Sign with {string.Join(", ", _keys)}";

    /// <inheritdoc/>
    protected override void Begin() => _keys = [.. SecretKeyPath!.Select(file => Keep(NixSecretKey.Load(GetUnresolvedProviderPathFromPSPath(file))))];

    /// <inheritdoc/>
    protected override void Work(StoreLocation store, IReadOnlyCollection<StorePath> paths)
    {
        var signer = Keep(PathSigner.Open(store, PipelineStopToken));
        Transfer("Signing store paths", signer.Progress, (emit, stop) => signer.Sign(
            paths, _keys, SkipContentsCheck, ThrottleLimit,
            (path, added) => emit(() => Signed(signer, path, added)),
            (path, error) => emit(() => WriteError(error, store.Directory.Print(path))),
            stop));
    }

    private void Signed(PathSigner signer, StorePath path, int added)
    {
        WriteVerbose($"{path}: {added} signatures added");
        if (PassThru && signer.Describe(path) is { } signed)
        {
            WriteObject(signed);
        }
    }
}
