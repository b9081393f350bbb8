using System.Management.Automation;
using NixStore.Caches.Repair;
using NixStore.Engine.Stores;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>The base of the cmdlets that repair a whole store or its database: where what is lost may come from, and how long to wait.</summary>
public abstract class StoreRepairCommand : StoreCommand
{
    private volatile bool _isWaiting;

    /// <inheritdoc/>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(StoreCompleter))]
    public override string? Store { get; set; }

    /// <summary>Where what is lost may come from: binary caches, other stores, directories with either. Default: the substituters of nix.conf.</summary>
    [Parameter]
    [AllowEmptyCollection]
    [ArgumentCompleter(typeof(SourceCompleter))]
    public Uri[]? Source { get; set; }

    /// <summary>Whose signatures are believed. Default: the trusted-public-keys of nix.conf.</summary>
    [Parameter]
    [AllowEmptyCollection]
    public string[]? TrustedPublicKey { get; set; }

    /// <summary>Believe what sources say of a path without a signature.</summary>
    [Parameter]
    public SwitchParameter SkipSignatureCheck { get; set; }

    /// <summary>How long to wait until nobody has the store open: a time span, or seconds. Default: as long as it takes.</summary>
    [Parameter]
    [Timeout]
    public TimeSpan? Timeout { get; set; }

    /// <summary>How many paths are read at once. Default: one for each processor.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = Environment.ProcessorCount;

    /// <summary>How long to wait, as the engine counts.</summary>
    private protected TimeSpan Patience => Timeout ?? System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>What the parameters say.</summary>
    private protected virtual RepairRequest Request => new()
    {
        Sources = Source is null ? null : Array.ConvertAll(Source, source => ToStoreText(source.OriginalString)),
        TrustedPublicKeys = TrustedPublicKey,
        SkipSignatureCheck = SkipSignatureCheck,
    };

    /// <summary>Notes that somebody has to be waited for.</summary>
    private protected void NoteWaiting() => _isWaiting = true;

    /// <summary>What the progress display says.</summary>
    private protected string Describe(string subject) => _isWaiting ? $"{subject} (waiting for those who have the store open)" : subject;

    /// <summary>Opens sources as far as they are needed, does the work, and warns of the sources that could not be used.</summary>
    private protected void WithSources(Action<RepairSession> work)
    {
        using var session = new RepairSession(Request, NixConfiguration.Load(), PipelineStopToken);
        try
        {
            work(session);
        }
        finally
        {
            foreach (var failure in session.TakeSourceFailures())
            {
                WriteWarning($"This source is left out: {failure.Message}");
            }
        }
    }
}
