using System.CommandLine;
using NixStore.Engine.Database;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;
using NixStore.Rescue.Output;

namespace NixStore.Rescue.Commands;

/// <summary><c>nixstore list</c>: every path with its state, without reading contents.</summary>
internal sealed class ListCommand : StoreCommand
{
    private readonly Option<bool> _invalid = new("--invalid") { Description = "Only paths with which something is wrong." };
    private readonly Option<bool> _force = new("--force") { Description = "List the paths of an empty store directory as missing." };

    /// <summary>Makes the command.</summary>
    public ListCommand() : base("list", "Lists the paths of a store with their state. Contents are not read: see verify.",
        ("nixstore list --invalid", "Paths that are registered but not there, and damaged rows."),
        ("nixstore list --json | grep -c '\"state\":\"Valid\"'", "How many paths are valid."))
    {
        Options.Add(_invalid);
        Options.Add(_force);
    }

    /// <inheritdoc/>
    protected override bool HasTable => false;

    /// <inheritdoc/>
    protected override int Run(ParseResult parsed, StoreLocation store, IReport report, CancellationToken cancellation)
    {
        var onlyInvalid = parsed.GetValue(_invalid);
        var findings = false;
        using var database = StoreDatabase.OpenForReading(store);
        foreach (var path in PathLister.Open(database, parsed.GetValue(_force)).List())
        {
            cancellation.ThrowIfCancellationRequested();
            var isValid = path.State == StorePathState.Valid;
            findings |= !isValid;
            if (!isValid || !onlyInvalid)
            {
                report.Write(path);
            }
        }

        return Code(findings);
    }
}
