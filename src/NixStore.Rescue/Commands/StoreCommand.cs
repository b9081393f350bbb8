using System.CommandLine;
using NixStore.Engine.Stores;
using NixStore.Rescue.Output;

namespace NixStore.Rescue.Commands;

/// <summary>The base of the commands that work on a store: where it is, how results are written, and what an error ends with.</summary>
internal abstract class StoreCommand : Command, IHasExamples
{
    private readonly Option<string?> _store = new("--store")
    {
        Description = "The store: a Nix store URL (local, local?root=/mnt) or a directory. Default: the one Nix itself would use.",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Write results, and errors on standard error, as JSON: one object a line." };

    /// <summary>Makes the command.</summary>
    protected StoreCommand(string name, string description, params IReadOnlyList<(string Line, string Explanation)> examples) : base(name, description)
    {
        Examples = examples;
        Options.Add(_store);
        Options.Add(_json);
        SetAction((parsed, cancellation) => Task.FromResult(Run(parsed, cancellation)));
    }

    /// <inheritdoc/>
    public IReadOnlyList<(string Line, string Explanation)> Examples { get; }

    /// <summary>Does the work; gives the exit code.</summary>
    /// <exception cref="NixStoreException">What ends the command.</exception>
    protected abstract int Run(ParseResult parsed, StoreLocation store, IReport report, CancellationToken cancellation);

    /// <summary>Finds the store that somebody names; with null, the one that Nix would use.</summary>
    /// <exception cref="NixStoreException">There is none.</exception>
    protected virtual StoreLocation Locate(string? name) => StoreLocator.Locate(name);

    /// <summary>True for a table on a terminal, false for lines even there.</summary>
    protected virtual bool HasTable => true;

    /// <summary>The code for a command that went through.</summary>
    protected static int Code(bool hasFindings) => hasFindings ? ExitCodes.Findings : ExitCodes.Success;

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        using var report = MakeReport(parsed.GetValue(_json));
        try
        {
            var name = parsed.GetValue(_store);
            return Run(parsed, Locate(name is null ? null : Selection.Absolute(name)), report, cancellation);
        }
        catch (NixStoreException error)
        {
            report.WriteError(error);
            return ExitCodes.Of(error.Kind);
        }
    }

    private IReport MakeReport(bool json)
        => json ? new JsonReport()
            : HasTable && !Console.IsOutputRedirected && !Console.IsErrorRedirected ? new TerminalReport()
            : new PlainReport();
}
