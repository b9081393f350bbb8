using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Rebuilding;

/// <summary>A store that lost its database and is damaged otherwise: what can be seen of it is told, and everything else comes back.</summary>
public sealed class DamagedStoreRebuildTests
{
    [SkippableTheory]
    [InlineData("c4-zero-length-drv", "libfoo3-1.3.drv", StoreOmissionReason.Damaged)]
    [InlineData("c5-half-drv", "libfoo3-1.3.drv", StoreOmissionReason.Damaged)]
    [InlineData("c7-fixed-output-flip", "fod-flat.txt", StoreOmissionReason.Damaged)]
    [InlineData("d6-fifo-inside", "libfoo3-1.3", StoreOmissionReason.Unreadable)]
    public void What_cannot_have_a_row_is_told(string damage, string name, StoreOmissionReason reason)
    {
        using var store = new StoreUnderTest(optimised: false);
        var path = store.PathOf(name);
        store.Damage(damage);

        var lost = LostDatabase.Rebuild(store);

        var omitted = Assert.Single(lost.Omitted);
        Assert.Equal((path, reason), (omitted.Path, omitted.Reason));
        AssertAllButReferencesTo(lost, path);
    }

    [SkippableTheory]
    [InlineData("a1-missing-output-with-referrers", "libfoo3-1.3")]
    [InlineData("a2-missing-source-with-referrers", "lab-src")]
    [InlineData("a3-missing-drv-with-referrers", "libfoo3-1.3.drv")]
    public void What_is_missing_is_told_by_those_that_refer_to_it(string damage, string name)
    {
        using var store = new StoreUnderTest(optimised: false);
        var path = store.PathOf(name);
        store.Damage(damage);

        var lost = LostDatabase.Rebuild(store);

        Assert.Empty(lost.Omitted);
        AssertAllButReferencesTo(lost, path);
    }

    [SkippableTheory]
    [InlineData("c6-zero-length-source", "LICENSE")]
    [InlineData("c9-source-dir-flip", "lab-src")]
    public void A_damaged_source_is_suspect(string damage, string name)
    {
        using var store = new StoreUnderTest(optimised: false);
        var path = store.PathOf(name);
        store.Damage(damage);

        var lost = LostDatabase.Rebuild(store);

        Assert.Contains(lost.Of(path).Problems, problem => problem.Kind == StoreProblemKind.HashMismatch);
        Assert.Equal(path, Assert.Single(lost.Rebuilt.Rows, row => row.IsSuspect).Path);
    }

    [SkippableTheory]
    [InlineData("j1-writable-files")]
    [InlineData("j2-mtime")]
    [InlineData("j4-owner")]
    [InlineData("e2-junk-name")]
    public void What_does_not_touch_contents_costs_no_row(string damage)
    {
        using var store = new StoreUnderTest(optimised: false);
        store.Damage(damage);

        LostDatabase.Rebuild(store).AssertEqual();
    }

    /// <summary>Every other row is what it was; who referred to the path says so, and has no reference to it in the table.</summary>
    private static void AssertAllButReferencesTo(LostDatabase lost, string path)
    {
        Assert.Equal(lost.Before.Paths.Where(other => other != path), lost.After.Paths);
        foreach (var row in lost.Rebuilt.Rows)
        {
            var before = lost.Before[row.Path];
            Assert.Equal((before.Hash, before.NarSize, before.ContentAddress), (lost.After[row.Path].Hash, lost.After[row.Path].NarSize, lost.After[row.Path].ContentAddress));
            Assert.Equal(before.References.Where(reference => reference != path).Order(StringComparer.Ordinal), lost.After[row.Path].References.Order(StringComparer.Ordinal));
            Assert.Equal(before.References.Where(reference => reference == path), row.MissingReferences);
        }
    }
}
