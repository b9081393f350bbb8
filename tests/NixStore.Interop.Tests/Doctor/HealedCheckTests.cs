namespace NixStore.Interop.Tests.Doctor;

/// <summary>A proof that cannot fail proves nothing: what nobody has healed is seen not to be healed, and a whole store is seen to be whole.</summary>
public sealed class HealedCheckTests
{
    /// <summary>What neither real Nix nor anything that is alive is the worse for.</summary>
    private static readonly string[] s_harmless =
    [
        "e1-on-disk-not-in-db", "e2-junk-name", "e3-row-missing-no-referrer", "e4-immutable-orphan", "h8-wal-leftover-committed", "h10-wal-lost",
        "i4-links-dir-missing", "k1-stale-lock", "k2-chroot-leftover", "k3-tmp-dirs", "k4-stale-temproots", "k6-gc-socket-leftover", "k8-roots-broken",
    ];

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_whole_store_is_whole(bool optimised)
    {
        using var store = DoctorStore.MakeWhole(optimised);

        HealedCheck.Ensure(store, "a whole store");
    }

    [SkippableFact]
    [Trait("Category", "Soak")]
    public void What_nobody_has_healed_is_seen()
    {
        var unseen = new List<string>();
        var seen = new List<string>();
        foreach (var damage in DoctorTable.All)
        {
            using var store = DoctorStore.MakeDamaged(damage.Name);
            var complaints = HealedCheck.Complaints(store);
            seen.Add($"{damage.Name}: {complaints.Count} complaints\n  {string.Join("\n  ", complaints)}");
            if (complaints.Count == 0)
            {
                unseen.Add(damage.Name);
            }
        }

        File.WriteAllLines($"{Directory.CreateDirectory($"{SourceTree.Root}/output/TestResults").FullName}/healed-check.txt", seen);
        Assert.Equal(s_harmless, unseen);
    }
}
