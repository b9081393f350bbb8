using System.Diagnostics;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Roots;

/// <summary>A list of roots that is replaced by one that gets a real SIGKILL at some moment.</summary>
public sealed class KilledRootsTests
{
    private const int Paths = 60_000;

    [Fact]
    public void The_table_is_as_before_or_as_after() => Kill(3);

    [Fact]
    [Trait("Category", "Soak")]
    public void Also_at_a_hundred_moments() => Kill(100);

    private static void Kill(int kills)
    {
        using var lab = new RootLab();
        var (before, after) = (List(lab, "before", 'a'), List(lab, "after", 'b'));
        Assert.True(KilledRun.Run(null, "roots", lab.Folder, before));
        var old = Rows(lab);
        var watch = Stopwatch.StartNew();
        Assert.True(KilledRun.Run(null, "roots", lab.Folder, after));
        var (time, wanted) = (watch.Elapsed, Rows(lab));
        Assert.NotEqual(old, wanted);

        var killed = 0;
        for (var n = 0; n < kills; n++)
        {
            killed += KilledRun.Kill(ref time, 0.3 + (0.7 * n / kills), () => Assert.True(KilledRun.Run(null, "roots", lab.Folder, before)), "roots", lab.Folder, after) ? 1 : 0;
            Assert.Contains(Rows(lab), new[] { old, wanted });
            Assert.True(KilledRun.Run(null, "roots", lab.Folder, after));
            Assert.Equal(wanted, Rows(lab));

            using (CatalogWriter.Open(lab.Folder))
            {
            }

            Assert.Single(Directory.GetFiles(Path.Combine(lab.Folder, "roots")));
        }

        Assert.InRange(killed, 1, kills);
    }

    private static string List(RootLab lab, string name, char first)
        => lab.File(name, string.Concat(Enumerable.Range(0, Paths).Select(number => $"/nix/store/{(first + number.ToString()).PadRight(32, '0')}-package-{number}\n")));

    private static (long Count, long Digest) Rows(RootLab lab)
    {
        using var session = lab.Catalog.OpenSession();
        return (session.QueryNumber("SELECT count(*) FROM roots"), session.QueryNumber("SELECT (sum(hash(hash, name, origin, kind, added_at) >> 20))::BIGINT FROM roots"));
    }
}
