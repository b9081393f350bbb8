using System.Management.Automation;
using System.Text;
using NixStore.Engine.Overlay;
using NixStore.Engine.Overlay.Mounting;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Invoke-OverlayStore: runs a program, or a script block in another PowerShell, where an overlay store is mounted for it alone.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "OverlayStore", DefaultParameterSetName = CommandSet, SupportsShouldProcess = true)]
[OutputType(typeof(string))]
public sealed class InvokeOverlayStoreCommand : StoreCommand
{
    private const string CommandSet = "Command";
    private const string ScriptBlockSet = "ScriptBlock";

    // PowerShell's own way of starting a program: its streams, redirections, $LASTEXITCODE and Ctrl+C.
    private const string Start = "param($program, $arguments) & $program @arguments";

    /// <summary>The program and its arguments.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = CommandSet)]
    [ValidateNotNullOrEmpty]
    public string[]? Command { get; set; }

    /// <summary>What to run in a PowerShell there.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ScriptBlockSet)]
    [ValidateNotNull]
    public ScriptBlock? ScriptBlock { get; set; }

    /// <summary>Arguments of the script block, as text.</summary>
    [Parameter(ParameterSetName = ScriptBlockSet)]
    public string[]? ArgumentList { get; set; }

    /// <summary>The overlay store: a URL, or the directory it was made in.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(OverlayStoreCompleter))]
    public override string? Store { get; set; }

    /// <summary>The directory the store was made in.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The kernel's scratch directory.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? WorkDirectory { get; set; }

    /// <summary>Have the store at /nix.</summary>
    [Parameter]
    public SwitchParameter Physical { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var store = OverlayLocator.Locate(Store is null ? null : ToStoreText(Store));
        if (!ShouldProcess(store.Url, $"Run {(ScriptBlock is null ? Command![0] : "a script block")} in a mount namespace with it"))
        {
            return;
        }

        var run = OverlayRun.Prepare(new OverlayRunRequest
        {
            Store = store,
            Path = Path is null ? null : GetUnresolvedProviderPathFromPSPath(Path),
            WorkDirectory = WorkDirectory is null ? null : GetUnresolvedProviderPathFromPSPath(WorkDirectory),
            IsPhysical = Physical,
            Command = ScriptBlock is null ? Command! : PowerShellFor(ScriptBlock),
        });
        using (var pipeline = System.Management.Automation.ScriptBlock.Create(Start)
            .GetSteppablePipeline(CommandOrigin.Internal, [run.Program, run.Arguments.ToArray()]))
        {
            pipeline.Begin(this);
            pipeline.End();
        }

        if (GetVariableValue("global:LASTEXITCODE") is OverlayRun.NotReady && run.Diagnose() is { } error)
        {
            WriteError(error);
        }
    }

    /// <summary>This same PowerShell, running a script block with this module at hand.</summary>
    private List<string> PowerShellFor(ScriptBlock block)
    {
        var module = System.IO.Path.GetDirectoryName(System.IO.Path.GetDirectoryName(MyInvocation.MyCommand.Module!.ModuleBase));
        var arguments = string.Concat((ArgumentList ?? []).Select(argument => " " + Quote(argument)));
        var script = $"$env:PSModulePath = {Quote(module + ":")} + $env:PSModulePath\n& {{{block}\n}}{arguments}";

        // As a .NET tool it is no executable but a library that dotnet runs.
        var home = (string)GetVariableValue("PSHOME");
        var program = $"{home}/pwsh";
        return
        [
            .. File.Exists(program) ? (string[])[program] : [Environment.ProcessPath!, $"{home}/pwsh.dll"],
            "-NoProfile", "-NonInteractive", "-EncodedCommand", Convert.ToBase64String(Encoding.Unicode.GetBytes(script)),
        ];
    }

    private static string Quote(string text) => $"'{System.Management.Automation.Language.CodeGeneration.EscapeSingleQuotedStringContent(text)}'";
}
