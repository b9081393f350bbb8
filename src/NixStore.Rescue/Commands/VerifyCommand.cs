using System.CommandLine;
using NixStore.Engine.Checkup;
using NixStore.Engine.Database;
using NixStore.Engine.Signatures;
using NixStore.Engine.Stores;
using NixStore.Rescue.Output;

namespace NixStore.Rescue.Commands;

/// <summary><c>nixstore verify</c>: every path with its state, contents and metadata read.</summary>
internal sealed class VerifyCommand : StoreCommand
{
    private readonly Argument<string[]> _paths = CommonArguments.Paths("Which paths. Default: all.");
    private readonly Option<bool> _invalid = new("--invalid") { Description = "Only paths with which something is wrong." };
    private readonly Option<bool> _force = new("--force") { Description = "Verify the paths of an empty store directory." };
    private readonly Option<TimeSpan?> _budget = ParsedOption.Make<TimeSpan?>(
        "--budget", "Look at the whole store, and read the contents of paths that are due, the one read longest ago first, for this time. For example 10min.",
        text => StoreDuration.Parse(text));

    private readonly Option<StoreAge?> _maxAge = AgeOption.Make(
        "--max-age", "Look at the whole store, and read the contents of those paths that were not found intact within this time, or were changed since.");

    private readonly Option<int> _jobs = CommonArguments.Jobs();

    /// <summary>Makes the command.</summary>
    public VerifyCommand() : base("verify", "Reads and hashes the contents of paths, and says what is wrong with which file.",
        ("nixstore verify --invalid", "All paths of the store; prints only what is wrong."),
        ("nixstore verify --invalid --budget 1h --max-age 30d", "For a nightly task: goes on where the last one ended, and covers a large store in days."),
        ("nixstore verify --store /mnt /mnt/nix/store/…-bash-5.2", "One path of the system mounted on /mnt."))
    {
        Arguments.Add(_paths);
        Options.Add(_invalid);
        Options.Add(_force);
        Options.Add(_budget);
        Options.Add(_maxAge);
        Options.Add(_jobs);
    }

    /// <inheritdoc/>
    protected override int Run(ParseResult parsed, StoreLocation store, IReport report, CancellationToken cancellation)
    {
        var onlyInvalid = parsed.GetValue(_invalid);
        if (parsed.GetResult(_budget) is not null || parsed.GetResult(_maxAge) is not null)
        {
            return Scrub(parsed, store, onlyInvalid, report, cancellation);
        }

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

    private int Scrub(ParseResult parsed, StoreLocation store, bool onlyInvalid, IReport report, CancellationToken cancellation)
    {
        var options = new CheckupOptions
        {
            Budget = parsed.GetValue(_budget),
            MaxAge = parsed.GetValue(_maxAge),
            Workers = parsed.GetValue(_jobs),
            KnownKeys = TrustedKeys.Parse(NixConfiguration.Load().TrustedPublicKeys),
        };
        var findings = false;
        var progress = new CheckupProgress();
        report.Track("Verifying", progress.Paths, () => StoreExaminer.Examine(store, options, Found, progress, cancellation));
        return Code(findings);

        void Found(StoreFinding finding)
        {
            var isWrong = finding.Severity > StoreFindingSeverity.Information;
            findings |= isWrong;
            if (isWrong || !onlyInvalid)
            {
                report.Write(finding);
            }
        }
    }
}
