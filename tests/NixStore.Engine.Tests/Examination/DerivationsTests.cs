using NixStore.Engine.Database;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Examination;

/// <summary>What .drv files, content addresses and contents prove against the database, on a store that real Nix has built.</summary>
public sealed class DerivationsTests
{
    private const string Library = "(select id from ValidPaths where path like '%-libfoo3-1.3.drv')";

    [SkippableFact]
    public void A_lost_output_is_told()
    {
        using var store = LabStore.Signed();
        Examined.Sql(store.Location, $"delete from DerivationOutputs where drv = {Library} and id = 'dev'");

        var finding = Assert.Single(Examined.Of(store.Location));

        Assert.Equal((StoreDatabaseFindingKind.OutputMissing, "DerivationOutputs", store.PathOf("libfoo3-1.3.drv")), (finding.Kind, finding.Table, finding.Path));
        Assert.Contains(store.PathOf("libfoo3-1.3-dev"), finding.Detail, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_wrong_output_is_told_with_the_right_one()
    {
        using var store = LabStore.Signed();
        Examined.Sql(store.Location, $"update DerivationOutputs set path = '{store.PathOf("app-2.0")}' where drv = {Library} and id = 'dev'");

        var finding = Assert.Single(Examined.Of(store.Location));

        Assert.Equal((StoreDatabaseFindingKind.OutputWrong, store.PathOf("libfoo3-1.3.drv")), (finding.Kind, finding.Path));
        Assert.NotNull(finding.Row);
        Assert.Contains(store.PathOf("libfoo3-1.3-dev"), finding.Detail, StringComparison.Ordinal);
        Assert.Contains(store.PathOf("app-2.0"), finding.Detail, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void An_output_that_the_derivation_has_not_is_told()
    {
        using var store = LabStore.Signed();
        Examined.Sql(store.Location, $"insert into DerivationOutputs values ({Library}, 'extra', '{store.PathOf("app-2.0")}')");

        var finding = Assert.Single(Examined.Of(store.Location));

        Assert.Equal(StoreDatabaseFindingKind.OutputWrong, finding.Kind);
        Assert.Contains("'extra'", finding.Detail, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Lost_references_of_a_derivation_are_told_one_by_one_and_once(bool contents)
    {
        using var store = LabStore.Signed();
        var drv = store.PathOf("app-2.0.drv");
        var count = CountReferences(store, drv);
        Examined.Sql(store.Location, $"delete from Refs where referrer = (select id from ValidPaths where path = '{drv}')");

        var findings = Examined.Of(store.Location, contents);

        Assert.Equal(count, findings.Count);
        Assert.All(findings, finding => Assert.Equal((StoreDatabaseFindingKind.ReferenceMissing, "Refs", drv), (finding.Kind, finding.Table, finding.Path)));
    }

    [SkippableFact]
    public void A_reference_that_the_derivation_has_not_is_told()
    {
        using var store = LabStore.Signed();
        Examined.Sql(store.Location, $"insert into Refs values ({Library}, (select id from ValidPaths where path like '%-garbage-top'))");

        var finding = Assert.Single(Examined.Of(store.Location));

        Assert.Equal((StoreDatabaseFindingKind.ReferenceSuperfluous, StoreFindingSeverity.Warning), (finding.Kind, finding.Severity));
        Assert.Contains(store.PathOf("garbage-top"), finding.Detail, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_derivation_that_can_be_parsed_but_does_not_give_its_name_proves_nothing()
    {
        using var store = LabStore.Signed();
        var drv = store.PathOf("libfoo3-1.3.drv");
        var file = store.Root + drv;
        var text = File.ReadAllText(file);
        File.SetUnixFileMode(file, (UnixFileMode)0x1a4);
        File.WriteAllText(file, text.Replace("libfoo3-1.3-dev", "libfoo3-1.3-vet", StringComparison.Ordinal));

        var finding = Assert.Single(Examined.Of(store.Location));

        Assert.Equal((StoreDatabaseFindingKind.DerivationUnreadable, drv), (finding.Kind, finding.Path));
        Assert.Contains("its name demands", finding.Detail, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Lost_references_of_what_is_content_addressed_are_seen_without_reading_it()
    {
        using var store = LabStore.Signed();
        Examined.Sql(store.Location, "delete from Refs where referrer = (select id from ValidPaths where path like '%-app.conf')");

        var finding = Assert.Single(Examined.Of(store.Location));

        Assert.Equal((StoreDatabaseFindingKind.ContentAddressMismatch, store.PathOf("app.conf")), (finding.Kind, finding.Path));
        Assert.NotNull(finding.Row);
    }

    [SkippableTheory]
    [InlineData("g3-missing-refs-row", StoreDatabaseFindingKind.ReferenceMissing)]
    [InlineData("g10-wrong-narsize", StoreDatabaseFindingKind.SizeWrong)]
    [InlineData("g11-wrong-hash", StoreDatabaseFindingKind.ContentsDiffer)]
    public void What_only_the_contents_prove_is_found_with_them(string damage, StoreDatabaseFindingKind kind)
    {
        using var store = LabStore.Signed();
        store.Damage(damage);

        Assert.Empty(Examined.Of(store.Location));
        var findings = Examined.Of(store.Location, checkContents: true);

        Assert.NotEmpty(findings);
        Assert.All(findings, finding => Assert.Equal((kind, store.PathOf("app-2.0")), (finding.Kind, finding.Path)));
    }

    private static int CountReferences(LabStore store, string path)
    {
        using var database = StoreDatabase.OpenForReading(store.Location);
        return database.Find(path)!.References.Count;
    }
}
