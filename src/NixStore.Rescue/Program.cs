using System.CommandLine;
using NixStore;
using NixStore.Rescue;

var json = new Option<bool>("--json")
{
    Description = "Write results to standard output and errors to standard error as JSON, one object a line.",
    Recursive = true,
};
var root = new RootCommand("Looks after Nix stores where there is no PowerShell: the rescue executable of the NixStore module.") { json };

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    parsed.Invoke();
    return ExitCodes.Usage;
}

var console = new Reporter(parsed.GetValue(json));
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    // The first Ctrl+C lets the work end in good order, the second one ends the process.
    pressed.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
};
try
{
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }, stop.Token);
}
catch (NixStoreException error)
{
    console.WriteError(error);
    return ExitCodes.Of(error.Kind);
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return ExitCodes.Interrupted;
}
