using System.Globalization;
using NixStore.Engine.Collection;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Collection;

/// <summary>Real Nix at work in four loops beside a collector (tests/interop/race.sh), and what the logs of both say of it.</summary>
internal sealed class RaceRun : IDisposable
{
    private static readonly string[] s_loops = ["build", "instantiate", "add", "copy"];
    private readonly StoreUnderTest _store = new(optimised: false);
    private readonly TemporaryDirectory _log = new();

    private RaceRun()
    {
    }

    internal string Root => _store.Root;

    /// <summary>Commands of the four loops.</summary>
    internal int Commands => s_loops.Sum(loop => Results(loop).Count);

    /// <summary>Those that failed since something that they had just made or found was deleted.</summary>
    internal int NotValid => s_loops.Sum(loop => Errors(loop).Split('\n').Count(line => line.StartsWith("error", StringComparison.Ordinal) && line.Contains("is not valid", StringComparison.Ordinal)));

    /// <summary>All that failed.</summary>
    internal int Failed => s_loops.Sum(loop => Results(loop).Count(result => result != "ok"));

    /// <summary>How the collections ended.</summary>
    internal IReadOnlyList<string> Collections => Results("collect");

    /// <summary>Things that our collections removed, and temporary roots that they were told of.</summary>
    internal int Removed { get; private set; }

    /// <inheritdoc cref="Removed"/>
    internal int RootsReceived { get; private set; }

    /// <summary>Runs the loops.</summary>
    internal static RaceRun Run(SignedCache cache, string collector, TimeSpan duration)
    {
        var run = new RaceRun();
        var result = Command.Try(PhysicalNix.Environment(run.Root), $"{SourceTree.Interop}/in-store.sh",
            [run.Root, $"{SourceTree.Interop}/race.sh", duration.TotalSeconds.ToString(CultureInfo.InvariantCulture), run._log.Path, cache.Directory,
                PhysicalNix.Program("nix234"), RescueProgram.Path, collector]);
        Assert.True(result.ExitCode == 0, result.Error);
        return run;
    }

    /// <summary>What a loop's commands said that failed.</summary>
    internal string Errors(string loop) => File.Exists(_log[$"{loop}.err"]) ? File.ReadAllText(_log[$"{loop}.err"]) : "";

    /// <summary>Proves by the journals that nothing was removed for which a root was acknowledged, or that a permanent root named from the beginning.</summary>
    internal void CheckJournals()
    {
        // Where every collection was killed before it had looked at everything, there is none.
        var directory = Directory.CreateDirectory(CollectionJournal.DirectoryOf(_store.Location, trash: false));
        foreach (var file in Directory.EnumerateFiles(directory.FullName))
        {
            var (roots, permanent) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
            foreach (var entry in CollectionJournal.Read(file))
            {
                switch (entry)
                {
                    case CollectionBegun begun:
                        permanent = [.. begun.Roots.Values];
                        break;
                    case RootReceived root:
                        roots.Add(HashPart(root.Path));
                        RootsReceived++;
                        break;
                    case ThingRemoved removed:
                        Removed++;
                        Assert.False(roots.Contains(HashPart(removed.Path)), $"{file}: {removed.Path} was removed although a root was acknowledged");
                        Assert.False(permanent.Contains(removed.Path), $"{file}: {removed.Path} was removed although it has a permanent root");
                        break;
                }
            }
        }
    }

    /// <summary>Proves that every path for which a build made a link is there and valid, with all it refers to.</summary>
    internal int CheckLinkedPaths()
    {
        var linked = File.Exists(_log["roots"]) ? File.ReadAllLines(_log["roots"]).Select(line => line.Split(' ')[2]).Distinct().ToList() : [];
        Assert.NotEmpty(linked);
        var nix = PhysicalNix.Store(Root, ["--query", "--requisites", .. linked]);
        Assert.True(nix.ExitCode == 0, nix.Error);
        Assert.All(nix.Output.Split('\n'), path => Assert.True(new FileInfo($"{Root}{path}").Exists || Directory.Exists($"{Root}{path}") || new FileInfo($"{Root}{path}").LinkTarget is not null, path));
        return linked.Count;
    }

    public void Dispose()
    {
        _store.Dispose();
        _log.Dispose();
    }

    private static string HashPart(string path) => Path.GetFileName(path)[..Math.Min(StorePath.HashPartLength, Path.GetFileName(path).Length)];

    private IReadOnlyList<string> Results(string loop) => File.Exists(_log[$"{loop}.results"]) ? File.ReadAllLines(_log[$"{loop}.results"]) : [];
}
