using NixStore.Engine.Rebuilding;
using NixStore.Engine.Verification;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Rebuilding;

/// <summary>A store that loses its whole db directory and gets a new database made of its files.</summary>
internal sealed class LostDatabase
{
    private LostDatabase(StoreRows before, RebuiltDatabase rebuilt, StoreRows after)
    {
        Before = before;
        Rebuilt = rebuilt;
        After = after;
    }

    /// <summary>The rows that Nix wrote.</summary>
    internal StoreRows Before { get; }

    /// <summary>What is said of the new ones.</summary>
    internal RebuiltDatabase Rebuilt { get; }

    /// <summary>The new rows.</summary>
    internal StoreRows After { get; }

    /// <summary>Deletes the database, and puts the rebuilt one in its place.</summary>
    internal static LostDatabase Rebuild(StoreUnderTest store, RebuildOptions? options = null)
    {
        var before = StoreRows.Read(store.Location);
        var directory = Path.GetDirectoryName(store.Location.DatabasePath)!;
        Directory.Delete(directory, recursive: true);
        Directory.CreateDirectory(directory);
        var untouched = new Untouched([store.Location.RealDirectory]);

        var rebuilt = DatabaseRebuilder.Rebuild(
            store.Location, $"{store.Location.DatabasePath}.new", options ?? new RebuildOptions { Workers = 2 }, new VerificationProgress(), default);

        untouched.Verify();
        File.Move(rebuilt.File, store.Location.DatabasePath);
        File.WriteAllText(store.Location.SchemaPath, "10");
        return new LostDatabase(before, rebuilt, StoreRows.Read(store.Location));
    }

    /// <summary>What got no row, but for what is no path: real Nix leaves lock files behind.</summary>
    internal IReadOnlyList<StoreRowOmission> Omitted
        => [.. Rebuilt.Omitted.Where(entry => entry.Reason is not (StoreOmissionReason.Leftover or StoreOmissionReason.Foreign))];

    /// <summary>Says of a path what is certain.</summary>
    internal StoreRowCertainty Of(string path) => Rebuilt.Rows.Single(row => row.Path == path);

    /// <summary>Everything that can be known is what it was, and what cannot be known is said to be unknown.</summary>
    internal void AssertEqual()
    {
        Assert.Equal(Before.Essences(), After.Essences());
        Assert.Empty(Omitted);
        Assert.All(Rebuilt.Rows, row =>
        {
            AssertDeriver(row);
            Assert.False(row.IsSuspect, $"{row.Path}: {string.Join(", ", row.Problems)} {string.Join(' ', row.MissingReferences)}");
            Assert.Null(After[row.Path].Ultimate);
        });
    }

    private void AssertDeriver(StoreRowCertainty row)
    {
        var (before, after) = (Before[row.Path].Deriver, After[row.Path].Deriver);
        switch (row.Deriver)
        {
            case StoreCertainty.Unknown:
                Assert.Null(after);
                break;
            case StoreCertainty.Assumed:
                Assert.Contains(before, row.Derivers);
                break;
            default:
                Assert.Equal(before, after);
                break;
        }
    }
}
