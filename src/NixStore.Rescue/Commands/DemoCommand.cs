using System.CommandLine;
using NixStore.Caches.Repair;
using NixStore.Engine.Database;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;
using NixStore.Rescue.Demo;
using NixStore.Rescue.Output;

namespace NixStore.Rescue.Commands;

/// <summary><c>nixstore demo</c>: damages a small store of its own in six ways, and repairs it.</summary>
internal sealed class DemoCommand : Command, IHasExamples
{
    /// <summary>Makes the command.</summary>
    public DemoCommand() : base("demo", "Makes a small store and a cache, damages the store in six ways, and repairs it.")
        => SetAction((_, cancellation) => Task.FromResult(Run(cancellation)));

    /// <inheritdoc/>
    public IReadOnlyList<(string Line, string Explanation)> Examples { get; } =
        [("TMPDIR=/run nixstore demo", "In a directory of its own below /run; without TMPDIR, /tmp or the directory of the executable.")];

    private static int Run(CancellationToken cancellation)
    {
        using var report = new PlainReport();
        try
        {
            using var demo = DemoStore.Create(cancellation);
            report.WriteLine($"A store of {demo.Count} paths in {demo.Location.RealDirectory}, and the same paths in the binary cache {demo.CacheUrl}.");
            Expect(FindInvalid(demo, cancellation).Count == 0, "the new store is not valid");

            report.WriteLine("\nSix kinds of damage:");
            foreach (var damage in DemoDamage.All)
            {
                damage.Apply(demo);
                report.WriteLine($"  {damage.Name}: {damage.Description}");
            }

            report.WriteLine("\nVerify:");
            var invalid = FindInvalid(demo, cancellation);
            invalid.ForEach(report.Write);
            foreach (var damage in DemoDamage.All)
            {
                Expect(
                    invalid.Exists(path => path.Path == demo.LogicalPath(damage.Name) && path.Problems.Any(problem => problem.Kind == damage.Expected)),
                    $"{damage.Expected} of {damage.Name} was not found");
            }

            Expect(invalid.Count == DemoDamage.All.Count, "something was found that is not damaged");

            report.WriteLine("\nRepair:");
            Repair(demo, invalid, report, cancellation);

            report.WriteLine("\nVerify again:");
            invalid = FindInvalid(demo, cancellation);
            invalid.ForEach(report.Write);
            Expect(invalid.Count == 0, "the repaired store is not valid");
            report.WriteLine($"All {demo.Count} paths are valid.");
            AskRealNix(demo, report);
            return ExitCodes.Success;
        }
        catch (NixStoreException error)
        {
            report.WriteError(error);
            return ExitCodes.Of(error.Kind);
        }
    }

    private static List<StorePathInfo> FindInvalid(DemoStore demo, CancellationToken cancellation)
    {
        var invalid = new List<StorePathInfo>();
        using var database = StoreDatabase.OpenForReading(demo.Location);
        ParallelVerifier.Verify(database, null, workers: 1, path => invalid.Add(path.Info), new VerificationProgress(), cancellation);
        return invalid.Where(path => path.Invalid).OrderBy(path => path.Name, StringComparer.Ordinal).ToList();
    }

    private static void Repair(DemoStore demo, List<StorePathInfo> invalid, PlainReport report, CancellationToken cancellation)
    {
        var request = new RepairRequest { Sources = [demo.CacheUrl], TrustedPublicKeys = [demo.PublicKey] };
        using var session = new RepairSession(request, new NixConfiguration(), cancellation);
        foreach (var path in invalid)
        {
            var attempt = session.Repair(demo.Location, path.Path, cancellation)!;
            report.Write(attempt.Report);
            if (attempt.Error is { } error)
            {
                throw error;
            }

            Expect(attempt.Report.Outcome == RepairOutcome.Repaired, $"{path.Name} was not repaired");
        }
    }

    private static void AskRealNix(DemoStore demo, PlainReport report)
    {
        if (RealNix.Find() is not { } program)
        {
            report.WriteLine("\nNo real Nix on this machine: no second opinion.");
            return;
        }

        report.WriteLine($"\n{program} --verify --check-contents");
        Expect(RealNix.Verify(program, demo.Location), "real Nix finds the repaired store damaged");
        report.WriteLine("Real Nix finds nothing.");
    }

    private static void Expect(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new NixStoreException("DemoFailed", StoreErrorKind.InvalidData, $"The demo is not as it should be: {otherwise}.");
        }
    }
}
