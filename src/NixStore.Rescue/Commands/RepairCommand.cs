using System.CommandLine;
using NixStore.Caches.Repair;
using NixStore.Engine.Database;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;
using NixStore.Rescue.Output;

namespace NixStore.Rescue.Commands;

/// <summary><c>nixstore repair</c>: finds what is wrong and mends it.</summary>
internal sealed class RepairCommand : StoreCommand
{
    private readonly Argument<string[]> _paths = CommonArguments.Paths("Which paths. Default: all that are invalid.");
    private readonly Option<bool> _checkContents = new("--check-contents")
    {
        Description = "Find damage by reading all contents, not only what is missing or has a damaged row.",
    };

    private readonly SourceOptions _sources = new();
    private readonly Option<bool> _assume = new("--assume-contents") { Description = "Register files that nothing vouches for as they are, right or wrong." };
    private readonly Option<bool> _force = new("--force") { Description = "Fetch every path again when the store directory is empty." };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Only say what is wrong; change nothing." };
    private readonly Option<int> _jobs = CommonArguments.Jobs();

    /// <summary>Makes the command.</summary>
    public RepairCommand() : base("repair", "Repairs damaged and missing paths and damaged rows, each staged, verified and exchanged.",
        ("nixstore repair --check-contents --dry-run", "What would be repaired."),
        ("nixstore repair --check-contents --source https://cache.nixos.org --source /media/usb/nix/store", "Repairs all, from these sources in this order."),
        ("nixstore repair --store /mnt /mnt/nix/store/…-bash-5.2", "Looks into one path of another system, and repairs it from the caches of this machine's nix.conf."))
    {
        Arguments.Add(_paths);
        foreach (var option in (Option[])[_checkContents, .. _sources.All, _assume, _force, _dryRun, _jobs])
        {
            Options.Add(option);
        }
    }

    /// <inheritdoc/>
    protected override int Run(ParseResult parsed, StoreLocation store, IReport report, CancellationToken cancellation)
    {
        using var session = new RepairSession(MakeRequest(parsed), NixConfiguration.Load(), cancellation);
        var damaged = FindDamaged(parsed, store, report, cancellation);
        if (parsed.GetValue(_dryRun))
        {
            damaged.ForEach(report.Write);
            return Code(damaged.Count > 0);
        }

        var failed = false;
        foreach (var path in damaged)
        {
            failed |= !Repair(session, store, path.Path, report, cancellation);
        }

        return Code(failed);
    }

    private RepairRequest MakeRequest(ParseResult parsed) => _sources.Of(parsed) with
    {
        AssumeContents = parsed.GetValue(_assume),
        AcceptEmptyStore = parsed.GetValue(_force),
    };

    /// <summary>The paths to repair. Named ones are always looked into: whoever names a path suspects it.</summary>
    private List<StorePathInfo> FindDamaged(ParseResult parsed, StoreLocation store, IReport report, CancellationToken cancellation)
    {
        using var database = StoreDatabase.OpenForReading(store);
        var names = parsed.GetRequiredValue(_paths);
        var selection = Selection.Of(database, names);
        var force = parsed.GetValue(_force);
        if (names.Length == 0 && !parsed.GetValue(_checkContents))
        {
            return selection.List(force).Where(path => path.Invalid).ToList();
        }

        var damaged = new List<StorePathInfo>();
        selection.Verify(force, parsed.GetValue(_jobs), report, Found, cancellation);
        return damaged;

        void Found(StorePathInfo path)
        {
            if (path.Invalid)
            {
                damaged.Add(path);
            }
        }
    }

    private static bool Repair(RepairSession session, StoreLocation store, string path, IReport report, CancellationToken cancellation)
    {
        try
        {
            var attempt = session.Repair(store, path, cancellation);
            if (attempt is not null)
            {
                report.Write(attempt.Report);
            }

            if (attempt?.Error is { } error)
            {
                report.WriteError(error);
            }

            return attempt is { Error: null };
        }
        catch (NixStoreException error) when (error is not StoreDirectoryEmptyException)
        {
            report.WriteError(error);
            return false;
        }
        finally
        {
            foreach (var failure in session.TakeSourceFailures())
            {
                report.Warn($"This source is left out: {failure.Message}");
            }
        }
    }
}
