using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Collection;

/// <summary>
/// While real Nix builds, instantiates, adds and copies, a collection of ours takes nothing from under it that Nix's own would not, and nothing
/// that has a root. Killed at any moment, it leaves a store with which Nix's own collection goes on.
/// </summary>
[Collection(LabCollection.Name)]
public sealed class RaceTests(Lab lab)
{
    private static readonly TimeSpan s_sample = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(5);

    [SkippableTheory]
    [InlineData("kill")]
    public void Beside_a_Nix_at_work_nothing_is_removed_that_has_a_root(string collector)
    {
        using var race = Race(collector, s_sample);
    }

    [SkippableFact]
    [Trait("Category", "Soak")]
    public void Beside_a_Nix_at_work_no_more_fails_than_beside_its_own_collector()
    {
        using var nixs = Race("nix", s_long);
        using var ours = Race("ours", s_long);

        // So many more commands run in the one or the other that the share of those that failed is what can be compared.
        Assert.True((double)ours.NotValid / ours.Commands <= (double)nixs.NotValid / nixs.Commands, $"{ours.NotValid} of {ours.Commands} failed: {Said(ours)}");
    }

    [SkippableTheory]
    [Trait("Category", "Soak")]
    [InlineData("both")]
    [InlineData("kill")]
    public void In_turn_with_the_collector_of_Nix_and_killed_at_any_moment_nothing_is_lost(string collector)
    {
        using var race = Race(collector, s_long);
    }

    private RaceRun Race(string collector, TimeSpan duration)
    {
        var race = RaceRun.Run(lab.CacheOf(optimised: false), collector, duration);
        try
        {
            Assert.NotEmpty(race.Collections);
            Assert.True(collector != "kill" || race.Collections.Contains("failed 137"), $"No collection was killed: {string.Join(", ", race.Collections)}");
            if (collector != "nix")
            {
                race.CheckJournals();
                Assert.True(race.Removed > 0);
            }

            Assert.True(collector == "kill" || race.Collections.All(result => result == "ok"), race.Errors("collect"));
            Collecting.Nix(race.Root);
            Collecting.ExpectClean(race.Root);
            var linked = race.CheckLinkedPaths();
            CollectionReport.Write($"""
                race for {duration.TotalSeconds} s, {collector}: {race.Commands} commands, {race.Failed} failed, {race.NotValid} of them "is not valid"; {race.Collections.Count} collections, {race.Collections.Count(result => result != "ok")} killed or failed; {race.Removed} things removed, {race.RootsReceived} roots received; {linked} rooted outputs all there; verified clean{(race.Failed == 0 ? "" : $"\n{Said(race)}")}
                """);
            return race;
        }
        catch
        {
            race.Dispose();
            throw;
        }
    }

    private static string Said(RaceRun race) => string.Join('\n', new[] { "build", "instantiate", "add", "copy" }.Select(race.Errors));
}
