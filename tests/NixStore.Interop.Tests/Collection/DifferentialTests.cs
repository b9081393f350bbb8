using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Collection;

/// <summary>On stores of random shape, what is alive and dead to us is alive and dead to real Nix, and both leave the same store behind.</summary>
public sealed class DifferentialTests
{
    private const int Sample = 4;
    private const int Many = 60;
    private const int BaseStores = 6;
    private const int LargerStore = 150;

    [SkippableFact]
    public void Some_random_stores_are_collected_as_Nix_collects_them() => Compare(Random.Shared.Next(1_000_000), Sample);

    [SkippableFact]
    [Trait("Category", "Soak")]
    public void Sixty_random_stores_are_collected_as_Nix_collects_them() => Compare(0, Many);

    private static void Compare(int firstSeed, int count)
    {
        var (deadPaths, livePaths) = (0, 0);
        for (var seed = firstSeed; seed < firstSeed + count; seed++)
        {
            var (live, dead) = CompareOne(seed);
            (livePaths, deadPaths) = (livePaths + live, deadPaths + dead);
        }

        CollectionReport.Write($"differential: {count} random stores, {livePaths} live and {deadPaths} dead entries: same as Nix's; {count} pairs of stores equal after collection, and clean");
    }

    private static (int Live, int Dead) CompareOne(int seed)
    {
        var number = seed % BaseStores;
        using var ours = StoreUnderTest.Seeded(number + 1, number % 2 == 0 ? 0 : LargerStore);
        var shape = RandomStore.Change(ours, seed);
        using var nixs = StoreUnderTest.CopyOf(ours);
        string[] ourSettings = ["--keep-outputs", Text(shape.Settings.KeepOutputs), "--keep-derivations", Text(shape.Settings.KeepDerivations)];
        string[] nixsSettings = ["--option", "keep-outputs", Text(shape.Settings.KeepOutputs), "--option", "keep-derivations", Text(shape.Settings.KeepDerivations)];
        var what = $"seed {seed}, {shape.Settings}: ";

        var live = Paths(Collecting.Ours(ours.Root, ["--print-live", .. ourSettings]));
        var dead = Paths(Collecting.Ours(ours.Root, ["--print-dead", .. ourSettings]));
        AssertSame(what + "live", Paths(Collecting.Nix(nixs.Root, ["--print-live", .. nixsSettings])), live);
        AssertSame(what + "dead", Paths(Collecting.Nix(nixs.Root, ["--print-dead", .. nixsSettings])), dead);

        Collecting.Nix(nixs.Root, nixsSettings);
        Collecting.Ours(ours.Root, ourSettings);
        AssertSame(what + "left", StoreState.Read(nixs.Location), StoreState.Read(ours.Location));
        Collecting.ExpectClean(ours.Root);
        return (live.Count, dead.Count);
    }

    /// <summary>Nix lists names that are no paths as alive, and deletes them.</summary>
    private static List<string> Paths(string output) => [.. Collecting.Names(output).Where(name => StorePath.TryParse(name, out _))];

    private static void AssertSame(string what, IEnumerable<string> nixs, IEnumerable<string> ours)
    {
        var (onlyNixs, onlyOurs) = (nixs.Except(ours).ToList(), ours.Except(nixs).ToList());
        Assert.True(onlyNixs.Count + onlyOurs.Count == 0,
            $"{what}\nonly Nix: {string.Join("\n  ", onlyNixs.Take(10))}\nonly ours: {string.Join("\n  ", onlyOurs.Take(10))}");
    }

    private static string Text(bool value) => value ? "true" : "false";
}
