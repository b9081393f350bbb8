using NixStore.Interop.Tests.Kills;
using NixStore.Interop.Tests.Rebuilding;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Doctor;

/// <summary>What is true of a lab store before anything damages it, as real Nix and the files say: what every doctor must bring back.</summary>
internal sealed class StoreTruth
{
    private static readonly Lazy<StoreTruth> s_plain = new(() => Read(optimised: false));
    private static readonly Lazy<StoreTruth> s_optimised = new(() => Read(optimised: true));

    private StoreTruth(StoreRows rows, IReadOnlyDictionary<string, string> contents, NixRound round)
    {
        (Rows, Contents) = (rows, contents);
        (Live, Roots, Built) = (round.LivePaths!, round.RootTargets, round.BuiltPaths!);
    }

    /// <summary>Base names of the paths that are alive.</summary>
    internal IReadOnlySet<string> Live { get; }

    /// <summary>Full paths that roots point to.</summary>
    internal IReadOnlyList<string> Roots { get; }

    /// <summary>What building the lab's expression gives.</summary>
    internal IReadOnlyList<string> Built { get; }

    /// <summary>The rows that Nix wrote.</summary>
    internal StoreRows Rows { get; }

    /// <summary>What each path's files are, by base name.</summary>
    internal IReadOnlyDictionary<string, string> Contents { get; }

    /// <summary>The truth of the lab's store, or of its optimised sister.</summary>
    internal static StoreTruth Of(bool optimised) => (optimised ? s_optimised : s_plain).Value;

    /// <summary>What the files of each entry of a store directory are, in one text: types, executable bits, contents, targets.</summary>
    internal static IReadOnlyDictionary<string, string> ReadContents(string directory) => TreeStates.Read(directory)
        .GroupBy(entry => entry.Key.Split('/')[0]).ToDictionary(path => path.Key, path => string.Join('\n', path.Select(entry => $"{entry.Key} {entry.Value}")));

    private static StoreTruth Read(bool optimised)
    {
        using var store = new StoreUnderTest(optimised);
        var round = NixRound.Run(store, [], thorough: true);
        Assert.True(round.Complaints.Count == 0, string.Join('\n', round.Complaints));
        return new StoreTruth(StoreRows.Read(store.Location), ReadContents(store.Location.RealDirectory), round);
    }
}
