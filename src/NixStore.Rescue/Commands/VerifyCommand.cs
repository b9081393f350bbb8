using System.CommandLine;
using NixStore.Engine.Database;
using NixStore.Engine.Stores;
using NixStore.Rescue.Output;

namespace NixStore.Rescue.Commands;

/// <summary><c>nixstore verify</c>: every path with its state, contents and metadata read.</summary>
internal sealed class VerifyCommand : StoreCommand
{
    private readonly Argument<string[]> _paths = CommonArguments.Paths("Which paths. Default: all.");
    private readonly Option<bool> _invalid = new("--invalid") { Description = "Only paths with which something is wrong." };
    private readonly Option<bool> _force = new("--force") { Description = "Verify the paths of an empty store directory." };
    private readonly Option<int> _jobs = CommonArguments.Jobs();

    /// <summary>Makes the command.</summary>
    public VerifyCommand() : base("verify", "Reads and hashes the contents of paths, and says what is wrong with which file.",
        ("nixstore verify --invalid", "All paths of the store; prints only what is wrong."),
        ("nixstore verify --store /mnt /mnt/nix/store/…-bash-5.2", "One path of the system mounted on /mnt."))
    {
        Arguments.Add(_paths);
        Options.Add(_invalid);
        Options.Add(_force);
        Options.Add(_jobs);
    }

    /// <inheritdoc/>
    protected override int Run(ParseResult parsed, StoreLocation store, IReport report, CancellationToken cancellation)
    {
        var onlyInvalid = parsed.GetValue(_invalid);
        var findings = false;
        using var database = StoreDatabase.OpenForReading(store);
        var selection = Selection.Of(database, parsed.GetRequiredValue(_paths));
        selection.Verify(parsed.GetValue(_force), parsed.GetValue(_jobs), report, Found, cancellation);
        return Code(findings);

        void Found(StorePathInfo path)
        {
            var isValid = path.State == StorePathState.Valid;
            findings |= !isValid;
            if (!isValid || !onlyInvalid)
            {
                report.Write(path);
            }
        }
    }
}
