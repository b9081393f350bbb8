using System.Diagnostics;
using NixStore.Bench.Catalogs;
using NixStore.Bench.Fetching;
using NixStore.Caches.BinaryCaches;
using NixStore.Catalog.Inventories;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Fetching;

/// <summary>Updates that get a real SIGKILL, each at another moment, and are begun again until one comes to its end.</summary>
public sealed class KilledUpdateTests : IClassFixture<KilledUpdateTests.Source>
{
    private const int MostKills = 3;

    private readonly Source _source;

    public KilledUpdateTests(Source source) => _source = source;

    [Theory]
    [InlineData("http", 2)]
    public void The_result_is_that_of_an_undisturbed_one_byte_for_byte(string scheme, int updates) => Kill(scheme, updates);

    [Theory]
    [Trait("Category", "Soak")]
    [InlineData("file", 50)]
    [InlineData("http", 50)]
    public void Also_at_a_hundred_moments(string scheme, int updates) => Kill(scheme, updates);

    private void Kill(string scheme, int updates)
    {
        using var directory = new TemporaryDirectory();
        var undisturbed = Start(scheme, directory / "undisturbed");
        var watch = Stopwatch.StartNew();
        Assert.True(Finish(undisturbed, null));
        var time = watch.Elapsed;
        var wanted = Folders.Read(directory / "undisturbed");
        var random = new Random(updates);
        var killed = 0;
        for (var n = 0; killed < updates; n++)
        {
            Assert.True(n < 10 * updates, $"{killed} of {updates} updates killed, of {n}");
            var folder = directory / $"killed-{n}";
            var again = 0;
            watch.Restart();
            while (!Finish(Start(scheme, folder), again < MostKills ? time * random.NextDouble() : null))
            {
                again++;
            }

            // A whole update was quicker than the one that was measured: the machine had more to do then.
            time = again == 0 && watch.Elapsed < time ? watch.Elapsed : time;
            killed += again > 0 ? 1 : 0;
            Assert.Equal(wanted, Folders.Read(folder));
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Starts an update and waits until it has begun.</summary>
    private Process Start(string scheme, string folder)
    {
        if (!Directory.Exists(folder))
        {
            _source.CopyListed(folder);
        }

        var process = Process.Start(new ProcessStartInfo(
            "dotnet", ["exec", typeof(NarInfoText).Assembly.Location, "update", folder, scheme == "http" ? _source.Url : "file://" + _source.Cache, _source.Cache, "8", "1000"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("begun", process.StandardOutput.ReadLine());
        return process;
    }

    private static bool Finish(Process process, TimeSpan? kill)
    {
        using (process)
        {
            if (kill is { } after && !process.WaitForExit(after))
            {
                process.Kill();
                process.WaitForExit();
                return false;
            }

            var errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? true : throw new InvalidOperationException(errors);
        }
    }

    public sealed class Source : IDisposable
    {
        private const int Count = 12_000;

        private readonly TemporaryDirectory _directory = new();
        private readonly FolderServer _server;

        public Source()
        {
            new NarInfoText(new SyntheticCache(new GeneratorOptions { Count = Count, Rebuild = 3000 })).WriteCache(Cache);

            // Findings must survive kills as rows do.
            foreach (var file in Directory.EnumerateFiles(Cache, "0*.narinfo").Order(StringComparer.Ordinal).Where((_, index) => index % 7 == 0))
            {
                File.WriteAllText(file, "bad");
            }

            using var cache = BinaryCacheFactory.Open("file://" + Cache);
            using var writer = CatalogWriter.Open(Listed, new CatalogManifest { Cache = "https://cache.invalid" });
            new ListingImport(cache).Run(writer);
            _server = new FolderServer(Cache);
        }

        public string Cache => _directory / "cache";

        public string Url => _server.Url;

        private string Listed => _directory / "listed";

        public void CopyListed(string folder)
        {
            foreach (var file in Directory.EnumerateFiles(Listed, "*", SearchOption.AllDirectories))
            {
                var target = Path.Combine(folder, Path.GetRelativePath(Listed, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }
        }

        public void Dispose()
        {
            _server.Dispose();
            _directory.Dispose();
        }
    }
}
