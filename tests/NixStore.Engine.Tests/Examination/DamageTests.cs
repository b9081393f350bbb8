using NixStore.Engine.Tests.Laboratory;
using static NixStore.StoreDatabaseFindingKind;

namespace NixStore.Engine.Tests.Examination;

/// <summary>The cases of tests/interop/damage.py that concern the database, as they are found.</summary>
public sealed class DamageTests
{
    public static TheoryData<string, StoreDatabaseFindingKind[]> Cases => new()
    {
        { "a1-missing-output-with-referrers", [RowWithoutFiles] },
        { "a5-many-missing-chain", [RowWithoutFiles] },
        { "b4-empty-store-not-mounted", [StoreDirectoryEmpty] },
        { "c4-zero-length-drv", [DerivationUnreadable] },
        { "c5-half-drv", [DerivationUnreadable] },
        { "e1-on-disk-not-in-db", [FilesWithoutRow] },
        { "e2-junk-name", [FilesWithoutRow] },
        { "e3-row-missing-no-referrer", [FilesWithoutRow] },
        { "f1-row-missing-referrers-exist", [ReferenceDangling, FilesWithoutRow] },
        { "f2-row-and-path-missing-referrers-exist", [ReferenceDangling] },
        { "f3-drv-row-missing", [ReferenceDangling, OutputDangling, FilesWithoutRow, ReferenceMissing] },
        { "g1-dangling-refs-referrer", [ReferenceDangling] },
        { "g2-dangling-refs-reference", [ReferenceDangling] },
        { "g4-cycle", [ReferenceCycle] },
        { "g5-bad-path-row", [ColumnMalformed] },
        { "g6-bad-hash-row", [ColumnMalformed] },
        { "g7-null-hash-size", [ColumnMalformed] },
        { "g8-bad-sigs", [ColumnMalformed] },
        { "g9-bad-deriver", [ColumnMalformed] },
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
        { "k7-move-leftover", [RowWithoutFiles, FilesWithoutRow] },
    };

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void Each_damage_is_found_for_what_it_is(string damage, StoreDatabaseFindingKind[] kinds)
    {
        using var store = LabStore.Signed();
        store.Damage(damage);

        Assert.Equal(kinds.Order(), Examined.KindsOf(store.Location));
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
