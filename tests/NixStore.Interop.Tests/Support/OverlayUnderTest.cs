using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Overlay.Examination;
using NixStore.Engine.Overlay.Mending;
using NixStore.Engine.Stores;

namespace NixStore.Interop.Tests.Support;

/// <summary>An overlay store on the lab store that a test damages, looks at and repairs, and what real Nix says of it.</summary>
internal sealed class OverlayUnderTest : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly OverlayLab _lab;
    private readonly RealNix _nix;

    /// <param name="version">Of Nix.</param>
    /// <param name="hasHook">Whether the store has a remount hook.</param>
    internal OverlayUnderTest(string version = RealNix.Newest, bool hasHook = true)
    {
        _nix = RealNix.Require(version);
        var hook = _directory["remount.sh"];
        File.WriteAllText(hook, "#!/bin/sh\nexec mount -o remount \"$1\"\n");
        File.SetUnixFileMode(hook, (UnixFileMode)0b111_101_101);
        _lab = OverlayLab.OnLabStore(hasHook ? $"&remount-hook={hook}" : "");
    }

    /// <summary>Settings of Nix with which it opens overlay stores.</summary>
    internal static NixConfiguration Features { get; } = NixConfiguration.Parse("experimental-features = nix-command local-overlay-store read-only-local-store");

    internal StoreLocation Location => _lab.Location;

    internal StoreLocation Lower => _lab.Lower;

    internal string Hook => _directory["remount.sh"];

    internal string Beside(string name) => _directory[name];

    /// <summary>The full logical path of a name of the lab store.</summary>
    internal string PathOf(string name) => _lab.LowerPath(name);

    internal string InLower(string path) => $"{Lower.RealDirectory}/{Path.GetFileName(path)}";

    internal string InUpper(string path) => $"{Location.Overlay!.UpperLayer}/{Path.GetFileName(path)}";

    internal string InMerged(string path) => $"{Location.RealDirectory}/{Path.GetFileName(path)}";

    /// <summary>Runs nix-store on the overlay store; it must succeed.</summary>
    internal string Nix(params string[] arguments) => _nix.Store(Location, arguments);

    /// <summary>Runs nix-store on the overlay store; it may fail.</summary>
    internal CommandResult TryNix(params string[] arguments) => _nix.TryStore(Location, arguments);

    /// <summary>Runs nix-store on the lower store; it must succeed.</summary>
    internal string NixBelow(params string[] arguments) => _nix.Store(Lower, arguments);

    /// <summary>Adds a directory with a file in it by Nix.</summary>
    internal string Add(string name, string contents)
    {
        Directory.CreateDirectory(_directory[name]);
        File.WriteAllText($"{_directory[name]}/file", contents);
        return Nix("--add", _directory[name]).Trim();
    }

    /// <summary>Has the overlay store's own row say what the upper layer alone has of a path, as after a build there.</summary>
    internal void RegisterUpper(string path)
    {
        using var hasher = new NarHasher();
        var hash = hasher.HashTree(FileDescriptor.WorkingDirectory, ByteName.From(InUpper(path)));
        Command.Run("sqlite3", Location.DatabasePath,
            $"update ValidPaths set hash = '{hash.Hash.ToDatabaseString()}', narSize = {hash.Size} where path = '{path}'");
    }

    /// <summary>Runs a shell script.</summary>
    internal static void Shell(string script, params string[] arguments) => Command.Run("/bin/bash", ["-euc", script, "shell", .. arguments]);

    internal void Remount() => _lab.Remount();

    /// <summary>What is found, information too.</summary>
    internal List<OverlayFinding> Look(bool checkContents = false) => Look(Location, checkContents);

    /// <inheritdoc cref="Look(bool)"/>
    internal static List<OverlayFinding> Look(StoreLocation store, bool checkContents = false)
    {
        var found = new List<OverlayFinding>();
        OverlayExaminer.Examine(store, new OverlayExaminationOptions { Configuration = Features, CheckContents = checkContents }, found.Add, CancellationToken.None);
        Assert.All(found, finding => Assert.NotEmpty(finding.Cause));
        return found;
    }

    /// <summary>The kinds of what is not mere information.</summary>
    internal List<OverlayFindingKind> Faults()
    {
        var found = Look();
        Assert.DoesNotContain(found, finding => finding.Kind == OverlayFindingKind.CheckFailed);
        return [.. found.Where(finding => finding.Severity > StoreFindingSeverity.Information).Select(finding => finding.Kind)];
    }

    /// <summary>Repairs.</summary>
    internal List<OverlayRepairStep> Repair(bool checkpointLower = false)
    {
        var plan = OverlayMender.Plan(
            Location, new OverlayExaminationOptions { Configuration = Features, CheckpointLower = checkpointLower }, CancellationToken.None);
        using var mender = OverlayMender.Open(Location);
        return [.. plan.Steps.Select(step => mender.Apply(step, CancellationToken.None))];
    }

    /// <summary>Asserts that steps were taken, and that Nix and a second look are content.</summary>
    internal void RepairedBy(params OverlayRepairAction[] actions)
    {
        var steps = Repair();
        Assert.All(steps, step => Assert.True(step.Outcome == StoreRepairStepOutcome.Done, step.Error));
        Assert.Equal(actions, steps.Select(step => step.Action).Distinct());
        Assert.Empty(Repair());
        Verifies();
    }

    /// <summary>Asserts that Nix finds nothing wrong with rows and contents.</summary>
    internal void Verifies() => _nix.Verify(Location);

    internal bool IsValid(string path) => TryNix("--check-validity", path).ExitCode == 0;

    public void Dispose()
    {
        _lab.Dispose();
        _directory.Dispose();
    }
}
