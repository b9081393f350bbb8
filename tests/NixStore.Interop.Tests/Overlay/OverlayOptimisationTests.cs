using NixStore.Engine.Overlay.Publishing;

namespace NixStore.Interop.Tests.Overlay;

/// <summary>What <c>nix-store --optimise</c> does to an overlay store, where it means something else than elsewhere (NIX-ON-DAMAGE, E10), and what is done here.</summary>
public sealed class OverlayOptimisationTests
{
    [SkippableTheory]
    [MemberData(nameof(RealNix.OverlayVersions), MemberType = typeof(RealNix))]
    public void Nix_links_nothing_and_removes_what_both_layers_have_without_looking_at_the_lower_copy(string version)
    {
        var nix = RealNix.Require(version);
        using var lab = OverlayLab.OnSmallStore();
        var (intact, damaged) = AddToBoth(lab, nix);
        foreach (var name in (string[])["one", "two"])
        {
            Directory.CreateDirectory(lab.Beside(name));
            File.WriteAllText($"{lab.Beside(name)}/file", new string('x', 100_000));
            nix.Store(lab.Location, "--add", lab.Beside(name));
        }

        nix.Store(lab.Location, "--optimise");

        Assert.False(Path.Exists($"{lab.Upper}/{Path.GetFileName(intact)}"));
        Assert.False(Path.Exists($"{lab.Upper}/{Path.GetFileName(damaged)}"));
        Assert.Equal("1\n1", Command.Run("find", lab.Upper, "-name", "file", "-printf", "%n\n"));
        lab.Remount();
        Assert.Equal("damaged", File.ReadAllText($"{lab.Location.RealDirectory}/{Path.GetFileName(damaged)}"));
        Assert.Contains("modified", nix.TryStore(lab.Location, "--verify", "--check-contents").Error, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [MemberData(nameof(RealNix.OverlayVersions), MemberType = typeof(RealNix))]
    public void The_optimisation_keeps_the_upper_copy_when_it_is_the_only_good_one(string version)
    {
        var nix = RealNix.Require(version);
        using var lab = OverlayLab.OnSmallStore();
        var (intact, damaged) = AddToBoth(lab, nix);
        var failures = new List<(string Path, string Id)>();
        using (var optimiser = OverlayOptimiser.Open(lab.Location))
        {
            var found = optimiser.Find(null, 2, (path, error) => failures.Add((lab.Location.Directory.Print(path), error.ErrorId)), CancellationToken.None);
            optimiser.Remove([.. found.Select(copy => lab.Location.Directory.Parse(copy.Path))], _ => { }, (_, error) => throw error, CancellationToken.None);
        }

        Assert.False(Path.Exists($"{lab.Upper}/{Path.GetFileName(intact)}"));
        Assert.Equal([(damaged, "OverlayLowerDamaged")], failures);
        nix.Verify(lab.Location);
    }

    /// <summary>Two paths that both layers have; the lower copy of the second is damaged.</summary>
    private static (string Intact, string Damaged) AddToBoth(OverlayLab lab, RealNix nix)
    {
        var paths = ((string[])["intact", "damaged"]).Select(name =>
        {
            File.WriteAllText(lab.Beside(name), $"contents of {name}");
            var path = nix.Store(lab.Location, "--add", lab.Beside(name));
            nix.Store(lab.Lower, "--add", lab.Beside(name));
            return path;
        }).ToList();
        var lower = $"{lab.Lower.RealDirectory}/{Path.GetFileName(paths[1])}";
        Command.Run("chmod", "u+w", lower);
        File.WriteAllText(lower, "damaged");
        lab.Remount();
        return (paths[0], paths[1]);
    }
}
