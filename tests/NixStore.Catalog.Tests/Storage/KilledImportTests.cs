using System.Diagnostics;
using NixStore.Bench.Catalogs;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Storage;

/// <summary>Imports that get a real SIGKILL, each at another moment, and are begun again until one comes to its end.</summary>
public sealed class KilledImportTests : IClassFixture<KilledImportTests.Sources>
{
    private readonly Sources _sources;

    public KilledImportTests(Sources sources) => _sources = sources;

    [Theory]
    [InlineData("parquet", 3)]
    public void The_result_is_that_of_an_undisturbed_one_byte_for_byte(string source, int kills) => Kill(source, kills);

    [Theory]
    [Trait("Category", "Soak")]
    [InlineData("csv")]
    [InlineData("parquet")]
    [InlineData("dataset")]
    public void Also_at_a_hundred_moments(string source) => Kill(source, 100);

    private void Kill(string source, int kills)
    {
        using var directory = new TemporaryDirectory();
        var watch = Stopwatch.StartNew();
        Assert.True(Run(source, directory / "undisturbed", null));
        var time = watch.Elapsed;
        var wanted = Folders.Read(directory / "undisturbed");
        var killed = 0;
        for (var n = 0; n < kills || (killed <= kills / 2 && n < 10 * kills); n++)
        {
            var folder = directory / $"killed-{n}";

            // From the middle of the start-up to the end; a run that was killed a second time is killed elsewhere.
            var again = 0;
            for (watch.Restart(); !Run(source, folder, time * (0.2 + (0.8 * ((n + 0.5 + (0.31 * again)) / kills % 1)))); again++)
            {
                killed++;
                if (again == 3)
                {
                    Assert.True(Run(source, folder, null));
                    break;
                }
            }

            // A whole run that was quicker than the one that was measured: the machine had more to do then.
            time = again == 0 && watch.Elapsed < time ? watch.Elapsed : time;
            Assert.Equal(wanted, Folders.Read(folder));
            Directory.Delete(folder, recursive: true);
        }

        Assert.True(killed > kills / 2);
    }

    private bool Run(string source, string folder, TimeSpan? kill) => source == "dataset"
        ? KilledRun.Run(kill, "dataset", folder, _sources.Dataset, "4000") : KilledRun.Run(kill, "import", folder, Path.Combine(_sources.Inventory, "cache", source));

    public sealed class Sources : IDisposable
    {
        private readonly TemporaryDirectory _directory = new();

        public Sources()
        {
            new CatalogGenerator(new SyntheticCache(new GeneratorOptions { Count = 30_000, Rebuild = 3000, PartSize = 5000, Inventory = Inventory })).Write(_directory / "made");
            using var session = NixStore.Catalog.Storage.CacheCatalog.Open(_directory / "made").OpenSession();
            session.Execute($"COPY (FROM narinfos) TO '{Dataset}' (FORMAT parquet, ROW_GROUP_SIZE 3000)");
        }

        public string Inventory => _directory / "inventory";

        public string Dataset => _directory / "dataset.parquet";

        public void Dispose() => _directory.Dispose();
    }
}
