using System.CommandLine;
using NixStore.Caches.Repair;
using NixStore.Engine.Doctor;
using NixStore.Engine.Reporting;
using NixStore.Engine.Stores;
using NixStore.Rescue.Output;

namespace NixStore.Rescue.Commands;

/// <summary><c>nixstore doctor</c>: the whole round for a badly damaged store.</summary>
internal sealed class DoctorCommand : StoreCommand
{
    private readonly SourceOptions _sources = new();
    private readonly LivenessOptions _liveness = new();
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Only say what is wrong and what would be done; change nothing." };
    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "Do not ask." };
    private readonly Option<bool> _acceptEmpty = new("--accept-empty") { Description = "Fetch every path again when the store directory is empty." };
    private readonly Option<string?> _page = new("--report") { Description = "Write an HTML page that shows what was wrong and what was done." };
    private readonly Option<int?> _timeout = new("--timeout")
    {
        Description = "How many seconds to wait for those who have the store open: builds may take hours. Default: as long as it takes.",
    };

    private readonly Option<int> _jobs = CommonArguments.Jobs();

    /// <summary>Makes the command.</summary>
    public DoctorCommand() : base("doctor", "Repairs a whole store: its database, what lives, what is dead and damaged, links and roots. Nothing is deleted.",
        ("nixstore doctor --dry-run", "Says what is wrong with the store, and what would be done."),
        ("nixstore doctor --store /mnt --source https://cache.nixos.org --yes --report report.html", "Repairs the store of a system that is mounted on /mnt."))
    {
        foreach (var option in (Option[])[.. _sources.All, _liveness.KeepDerivations, _liveness.KeepOutputs, _dryRun, _yes, _acceptEmpty, _page, _timeout, _jobs])
        {
            Options.Add(option);
        }
    }

    /// <inheritdoc/>
    protected override bool HasTable => false;

    /// <inheritdoc/>
    protected override int Run(ParseResult parsed, StoreLocation store, IReport report, CancellationToken cancellation)
    {
        var request = _sources.Of(parsed) with { AcceptEmptyStore = parsed.GetValue(_acceptEmpty) };
        using var session = new RepairSession(request, NixConfiguration.Load(), cancellation);
        var options = new DoctorOptions
        {
            Repair = session.OptionsFor(store),
            Settings = _liveness.Of(parsed),
            Workers = parsed.GetValue(_jobs),
            Timeout = parsed.GetValue(_timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : Timeout.InfiniteTimeSpan,
            Waiting = () => report.Warn("waiting for those who have the store open or collect…"),
            Found = report.Write,
            Stepped = report.Write,
        };
        if (!parsed.GetValue(_dryRun) && !parsed.GetValue(_yes) && !Ask(store))
        {
            return ExitCodes.Interrupted;
        }

        var repair = parsed.GetValue(_dryRun) ? StoreDoctor.Diagnose(store, options, cancellation) : StoreDoctor.Repair(store, options, cancellation);
        foreach (var failure in session.TakeSourceFailures())
        {
            report.Warn($"This source was left out: {failure.Message}");
        }

        report.Write(repair);
        if (parsed.GetValue(_page) is { } page)
        {
            RepairReportPage.Write(Path.GetFullPath(page), repair);
        }

        return Code(repair.IsApplied ? !repair.IsHealthy : repair.Findings.Any(finding => finding.Severity > StoreFindingSeverity.Information));
    }

    /// <summary>Where nobody can answer, the answer is no.</summary>
    private static bool Ask(StoreLocation store)
    {
        if (Console.IsInputRedirected)
        {
            throw new NixStoreException("NotConfirmed", StoreErrorKind.InvalidArgument, $"The repair of {store.Url} was not confirmed.", store.Url,
                "Give --yes to repair without being asked, or --dry-run to see what would be done.");
        }

        Console.Error.Write($"Repair {store.Url}? The database may be replaced (the old one is kept), and damaged paths that nothing needs go into the trash. [y/N] ");
        return Console.ReadLine() is "y" or "Y" or "yes";
    }
}
