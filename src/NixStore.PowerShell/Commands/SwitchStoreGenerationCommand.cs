using System.Globalization;
using System.Management.Automation;
using NixStore.Engine.Generations;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Switch-StoreGeneration: makes another generation of a profile the current one.</summary>
[Cmdlet(VerbsCommon.Switch, "StoreGeneration", SupportsShouldProcess = true, DefaultParameterSetName = NumberSet)]
[OutputType(typeof(StoreGeneration))]
public sealed class SwitchStoreGenerationCommand : StoreProfileCommand
{
    private const string NumberSet = "Number";
    private const string RollbackSet = "Rollback";

    private readonly OpenStores _databases = new();

    /// <summary>Which profile: its name or its path.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ProfileCompleter))]
    public string? Profile { get; set; }

    /// <summary>To which generation.</summary>
    [Parameter(Position = 1, Mandatory = true, ParameterSetName = NumberSet, ValueFromPipelineByPropertyName = true)]
    public long Number { get; set; }

    /// <summary>To the generation before the current one.</summary>
    [Parameter(Mandatory = true, ParameterSetName = RollbackSet)]
    public SwitchParameter Rollback { get; set; }

    /// <summary>How many seconds to wait for a profile that somebody else changes.</summary>
    [Parameter]
    [Alias("TimeoutSeconds")]
    [ValidateRange(0, int.MaxValue)]
    public int Timeout { get; set; } = 600;

    /// <summary>Give the generation that is current now.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var store = LocateStore();
        var profile = FindProfile(store, Profile!);
        var target = GenerationSwitcher.Find(profile, Rollback ? null : Number);
        if (!ShouldProcess(profile.Path, string.Create(CultureInfo.InvariantCulture, $"Switch to generation {target.Number} ({target.Path})")))
        {
            return;
        }

        var current = GenerationSwitcher.Switch(profile, target, _databases.Open(store), TimeSpan.FromSeconds(Timeout), PipelineStopToken);
        if (profile.Kind == StoreProfileKind.System)
        {
            WriteWarning($"The system profile '{profile.Path}' was switched, but neither the running system nor the boot loader: "
                + $"run '{current.Path}/bin/switch-to-configuration switch' on that system.");
        }

        if (PassThru)
        {
            WriteObject(current);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            _databases.Dispose();
        }
    }
}
