using System.CommandLine;
using System.Runtime.InteropServices;
using NixStore.Rescue;
using NixStore.Rescue.Commands;
using NixStore.Rescue.Surroundings;

HomeDirectory.Choose();
ScratchDirectory.Choose();
RootCertificates.Choose();

var root = new RootCommand($"""
    Looks after Nix stores where there is no PowerShell: the rescue executable of the NixStore module.

    Exit codes: {ExitCodes.Description}
    """)
{
    new StatusCommand(), new ListCommand(), new VerifyCommand(), new RepairCommand(), new DoctorCommand(), new RootsCommand(), new WhyCommand(),
    new GcCommand(), new OptimiseCommand(), new PublishCommand(), new BackupCommand(), new DemoCommand(),
};
HelpWithExamples.Install(root);

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    var code = parsed.Invoke();
    return parsed.Action is HelpWithExamples ? code : ExitCodes.Usage;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) => pressed.Cancel = Stop();
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => signal.Cancel = Stop());
try
{
    return await parsed.InvokeAsync(
        new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stop.Token);
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return ExitCodes.Interrupted;
}

// The first Ctrl+C lets the work end in good order, the second one ends the process.
bool Stop()
{
    var isFirst = !stop.IsCancellationRequested;
    stop.Cancel();
    return isFirst;
}
