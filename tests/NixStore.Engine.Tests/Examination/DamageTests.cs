using NixStore.Engine.Tests.Laboratory;
using static NixStore.StoreDatabaseFindingKind;

namespace NixStore.Engine.Tests.Examination;

/// <summary>
/// The cases of tests/interop/damage.py as they are found; what concerns nothing but the files of a path is none of the database's. Left out are
/// two that need an immutable flag, which no test could clean up after.
/// </summary>
public sealed class DamageTests
{
    public static TheoryData<string, StoreDatabaseFindingKind[]> Cases => new()
    {
        { "a1-missing-output-with-referrers", [RowWithoutFiles] },
        { "a2-missing-source-with-referrers", [RowWithoutFiles] },
        { "a3-missing-drv-with-referrers", [RowWithoutFiles] },
        { "a4-missing-output-and-its-drv", [RowWithoutFiles] },
        { "a5-many-missing-chain", [RowWithoutFiles] },
        { "b1-missing-no-referrers", [RowWithoutFiles] },
        { "b2-missing-but-profile-root", [RowWithoutFiles] },
        { "b3-missing-with-all-referrers", [RowWithoutFiles] },
        { "b4-empty-store-not-mounted", [StoreDirectoryEmpty] },
        { "c1-zero-length-file", [] },
        { "c2-bit-flip", [] },
        { "c3-zeroed-file", [] },
        { "c4-zero-length-drv", [DerivationUnreadable] },
        { "c5-half-drv", [DerivationUnreadable] },
        { "c6-zero-length-source", [] },
        { "c7-fixed-output-flip", [] },
        { "c8-garbage-bitflip", [] },
        { "c9-source-dir-flip", [] },
        { "d1-symlink-missing", [] },
        { "d2-extra-file", [] },
        { "d3-symlink-retargeted", [] },
        { "d4-empty-dir", [] },
        { "d5-dir-became-file", [] },
        { "d6-fifo-inside", [] },
        { "e1-on-disk-not-in-db", [FilesWithoutRow] },
        { "e2-junk-name", [FilesWithoutRow] },
        { "e3-row-missing-no-referrer", [FilesWithoutRow] },
        { "f1-row-missing-referrers-exist", [ReferenceDangling, FilesWithoutRow] },
        { "f2-row-and-path-missing-referrers-exist", [ReferenceDangling] },
        { "f3-drv-row-missing", [ReferenceDangling, OutputDangling, FilesWithoutRow, ReferenceMissing] },
        { "g1-dangling-refs-referrer", [ReferenceDangling] },
        { "g2-dangling-refs-reference", [ReferenceDangling] },
        { "g3-missing-refs-row", [] },
        { "g4-cycle", [ReferenceCycle] },
        { "g5-bad-path-row", [ColumnMalformed] },
        { "g6-bad-hash-row", [ColumnMalformed] },
        { "g7-null-hash-size", [ColumnMalformed] },
        { "g8-bad-sigs", [ColumnMalformed] },
        { "g9-bad-deriver", [ColumnMalformed] },
        { "g10-wrong-narsize", [] },
        { "g11-wrong-hash", [] },
        { "g12-bad-ca", [ColumnMalformed] },
        { "h2-header-destroyed", [DatabaseUnreadable] },
        { "h4-db-zero-length", [DatabaseEmpty] },
        { "h5-db-missing", [DatabaseMissing] },
        { "h6-db-dir-missing", [DatabaseMissing, SchemaMissing] },
        { "h7-index-entry-missing", [PageLost, IndexMismatch] },
        { "h8-wal-leftover-committed", [LogPending] },
        { "h9-wal-torn", [LogDamaged] },
        { "h10-wal-lost", [FilesWithoutRow] },
        { "h11-schema-missing", [SchemaMissing] },
        { "h12-schema-garbage", [SchemaDamaged] },
        { "h13-schema-newer", [SchemaTooNew] },
        { "i1-links-bitflip-shared", [] },
        { "i2-links-zero-length-shared", [] },
        { "i3-links-wrong-name", [] },
        { "i4-links-dir-missing", [] },
        { "i5-links-fifo", [] },
        { "i6-links-repaired-then-optimise", [] },
        { "j1-writable-files", [] },
        { "j2-mtime", [] },
        { "j3-exec-bit-lost", [] },
        { "j4-owner", [] },
        { "j5-xattr", [] },
        { "j6-mode-000", [] },
        { "k1-stale-lock", [FilesWithoutRow] },
        { "k2-chroot-leftover", [FilesWithoutRow] },
        { "k3-tmp-dirs", [FilesWithoutRow] },
        { "k4-stale-temproots", [] },
        { "k5-temproots-nonnumeric", [] },
        { "k6-gc-socket-leftover", [] },
        { "k7-move-leftover", [RowWithoutFiles, FilesWithoutRow] },
        { "k8-roots-broken", [] },
    };

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void Each_damage_is_found_for_what_it_is(string damage, StoreDatabaseFindingKind[] kinds)
    {
        using var store = damage.StartsWith('i') ? LabStore.Optimised() : LabStore.Signed();
        store.Damage(damage);

        Assert.Equal(kinds.Order(), Examined.KindsOf(store.Location));
    }

    [SkippableFact]
    public void Every_damage_is_looked_at()
    {
        Skip.IfNot(Command.Exists("python3"), "TOOLS MISSING: python3");
        var all = Command.Run("python3", $"{SourceTree.Interop}/damage.py", "list").Split('\n').Select(line => line.Split('\t')[0]);

        Assert.Equal(["e4-immutable-orphan", "h1-page-zeroed", "h14-refs-page-zeroed", "h3-db-truncated", "j7-immutable-dead"],
            all.Except(Cases.Select(row => (string)row[0])).Order(StringComparer.Ordinal));
    }

    [SkippableTheory]
    [InlineData("h1-page-zeroed", "ValidPaths")]
    [InlineData("h3-db-truncated", "ValidPaths")]
    [InlineData("h14-refs-page-zeroed", "Refs")]
    public void Of_a_table_with_damaged_pages_the_rest_is_examined(string damage, string table)
    {
        using var store = LabStore.Signed();
        Examined.Sql(store.Location, "insert into DerivationOutputs values (9999, 'out', '/nix/store/x'); update ValidPaths set sigs = 'nonsense' where id = (select max(id) from ValidPaths)");
        store.Damage(damage);

        var findings = Examined.Of(store.Location);

        Assert.Contains(findings, finding => finding.Kind == PageDamaged && finding.Table == table);
        Assert.Contains(findings, finding => finding.Kind == CheckFailed);
        Assert.Equal(damage.StartsWith("h3", StringComparison.Ordinal), findings.Exists(finding => finding.Kind == DatabaseTruncated));
        if (!damage.StartsWith("h3", StringComparison.Ordinal))
        {
            Assert.Contains(findings, finding => finding.Kind == ColumnMalformed);
        }

        if (damage.StartsWith("h14", StringComparison.Ordinal))
        {
            Assert.Contains(findings, finding => finding.Kind == OutputDangling);
        }
    }
}
