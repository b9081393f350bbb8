using NixStore.Engine.Checkup;
using NixStore.Interop.Tests.Rebuilding;

namespace NixStore.Interop.Tests.Doctor;

/// <summary>
/// Whether a store is healed: real Nix can do everything with it, what was alive is there and is what it was, and our own checks find nothing.
/// </summary>
internal static class HealedCheck
{
    private const int Workers = 2;

    /// <summary>Fails with everything that is not as it should be.</summary>
    internal static void Ensure(DoctorStore store, string what, bool withSource = true, bool thorough = true)
    {
        var complaints = Complaints(store, withSource, thorough);
        Assert.True(complaints.Count == 0, $"{what}: not healed:\n{string.Join('\n', complaints)}");
    }

    /// <summary>Everything that is not as it should be.</summary>
    /// <param name="store">The store, which is not touched.</param>
    /// <param name="withSource">True when a source knew what files do not say: makers of paths.</param>
    /// <param name="thorough">True to let Nix build and collect, too.</param>
    internal static IReadOnlyList<string> Complaints(DoctorStore store, bool withSource = true, bool thorough = true)
        => [.. OwnComplaints(store), .. RowComplaints(store, withSource), .. FileComplaints(store), .. NixComplaints(store, thorough)];

    /// <summary>
    /// What our own check finds. Files without a row are nobody's concern when nothing needs them, and the disk is that of the machine.
    /// </summary>
    private static IEnumerable<string> OwnComplaints(DoctorStore store)
    {
        var findings = new List<StoreFinding>();
        var options = new CheckupOptions { CheckContents = true, Record = false, Workers = Workers };
        StoreExaminer.Examine(store.Location, options, findings.Add, new CheckupProgress(), CancellationToken.None);
        return findings.Where(Matters).Select(finding => $"check: {finding.Area}: {finding.Kind}: {finding.Path}: {finding.Detail}");

        static bool Matters(StoreFinding finding) => finding.Severity != StoreFindingSeverity.Information && finding.Area != StoreFindingArea.Disk
            && finding.Kind != nameof(StoreDatabaseFindingKind.FilesWithoutRow);
    }

    private static IEnumerable<string> RowComplaints(DoctorStore store, bool withSource)
    {
        StoreRows rows;
        try
        {
            rows = StoreRows.Read(store.Location);
        }
        catch (Exception error) when (error is NixStoreException or ArgumentException)
        {
            return [$"rows: {error.Message}"];
        }

        var present = rows.Paths.ToHashSet(StringComparer.Ordinal);
        return store.Truth.Live.Select(name => $"/nix/store/{name}").SelectMany(Compare);

        IEnumerable<string> Compare(string path)
        {
            var before = store.Truth.Rows;
            if (!present.Contains(path))
            {
                yield return $"rows: {path} is alive and has none";
            }
            else if (rows.Essence(path) != before.Essence(path))
            {
                yield return $"rows: {rows.Essence(path)}\n  was {before.Essence(path)}";
            }
            else if (withSource && rows[path].Deriver != before[path].Deriver)
            {
                yield return $"rows: {path} has the deriver '{rows[path].Deriver}', was '{before[path].Deriver}'";
            }
        }
    }

    private static IEnumerable<string> FileComplaints(DoctorStore store)
    {
        var contents = StoreTruth.ReadContents(store.Location.RealDirectory);
        foreach (var name in store.Truth.Live.Where(name => contents.GetValueOrDefault(name) != store.Truth.Contents[name]))
        {
            yield return $"files: {name} is alive and {(contents.ContainsKey(name) ? "is not what it was" : "is gone")}";
        }

        foreach (var name in store.Entries().Where(name => !store.Truth.Contents.ContainsKey(name) && !store.EntriesBefore.Contains(name)))
        {
            yield return $"files: {name} is new in the store directory";
        }
    }

    private static IEnumerable<string> NixComplaints(DoctorStore store, bool thorough)
    {
        var truth = store.Truth;
        var round = NixRound.Run(store.Files, truth.Roots, thorough);
        var closure = truth.Roots.SelectMany(truth.Rows.Closure).ToHashSet(StringComparer.Ordinal);

        // The roots that case k8 adds are roots.
        var addsRoots = store.Cases.Any(damage => damage.StartsWith("k8-", StringComparison.Ordinal));
        return
        [
            .. round.Complaints,
            .. Compare(round.LivePaths, truth.Live, "alive"),
            .. Compare(round.Closure, closure, "in the closure of the roots"),
            .. truth.Live.Except(round.Left).Select(name => $"Nix: {name} is gone in the end"),
            .. round.BuiltPaths?.SequenceEqual(truth.Built) == false ? ["Nix: the build gives other paths"] : Array.Empty<string>(),
        ];

        IEnumerable<string> Compare(IReadOnlySet<string>? now, IReadOnlySet<string> before, string what) => now is null ? [] :
        [
            .. before.Except(now).Select(name => $"Nix: {name} is not {what} any more"),
            .. now.Except(before).Where(_ => !addsRoots).Select(name => $"Nix: {name} is {what}, and was not"),
        ];
    }
}
