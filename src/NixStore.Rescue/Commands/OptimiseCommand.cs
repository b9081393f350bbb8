using System.CommandLine;
using NixStore.Engine.Database;
using NixStore.Engine.Optimisation;
using NixStore.Engine.Stores;
using NixStore.Rescue.Output;

namespace NixStore.Rescue.Commands;

/// <summary><c>nixstore optimise</c>: equal files become hard links to one of them.</summary>
internal sealed class OptimiseCommand : StoreCommand
{
    private readonly Argument<string[]> _paths = CommonArguments.Paths("Which paths. Default: all.");
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Only say what would be saved; change nothing." };
    private readonly Option<bool> _verifyLinks = new("--verify-links")
    {
        Description = "Hash every entry of .links first, and remove bad ones that no path shares.",
    };

    private readonly Option<long> _minimumSize = new("--minimum-size") { Description = "Leave files alone that are shorter than this many bytes." };
    private readonly Option<int> _jobs = CommonArguments.Jobs();

    /// <summary>Makes the command.</summary>
    public OptimiseCommand() : base("optimise", "Saves space: replaces equal files by hard links to one of them, as nix-store --optimise does.",
        ("nixstore optimise --dry-run", "What would be saved."))
    {
        Arguments.Add(_paths);
        foreach (var option in (Option[])[_dryRun, _verifyLinks, _minimumSize, _jobs])
        {
            Options.Add(option);
        }
    }

    /// <inheritdoc/>
    protected override bool HasTable => false;

    /// <inheritdoc/>
    protected override int Run(ParseResult parsed, StoreLocation store, IReport report, CancellationToken cancellation)
    {
        var options = new OptimisationOptions
        {
            IsPrediction = parsed.GetValue(_dryRun),
            VerifyLinks = parsed.GetValue(_verifyLinks),
            MinimumSize = parsed.GetValue(_minimumSize),
            Workers = parsed.GetValue(_jobs),
        };
        var failed = false;
        report.Write(StoreOptimiser.Run(store, options, FindNamed(parsed, store), Tell, new(), cancellation));
        return Code(failed);

        void Tell(NixStoreException error)
        {
            failed = true;
            report.WriteError(error);
        }
    }

    private Func<string, bool>? FindNamed(ParseResult parsed, StoreLocation store)
    {
        using var database = StoreDatabase.OpenForReading(store);
        return Selection.Of(database, parsed.GetRequiredValue(_paths)).Filter;
    }
}
