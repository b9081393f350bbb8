using System.Collections.Concurrent;
using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Compression;
using NixStore.Caches.Tests.Support;
using NixStore.Caches.Transfer;
using NixStore.Engine.Signatures;
using NixStore.Engine.Sources;
using NixStore.Engine.Stores;
using NixStore.Engine.Transfer;

namespace NixStore.Caches.Tests.Transfer;

/// <summary>From a store that real Nix made into caches, and from caches that real Nix made into stores.</summary>
[Collection(NixLabCollection.Name)]
public sealed class BinaryCacheExporterTests(NixLab lab) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ConcurrentBag<ExportedPath> _exported = [];
    private readonly ConcurrentDictionary<StorePath, string> _failed = [];

    public void Dispose() => _directory.Dispose();

    private StoreLocation Location => StoreLocator.Locate(
        $"local?store={lab.StoreDirectory}&real={lab.StoreDirectory}&state={lab.Environment["NIX_STATE_DIR"]}&log={lab.Environment["NIX_LOG_DIR"]}");

    private StoreLocation Target(string name) => StoreLocator.Locate($"local?root={_directory / name}&store={lab.StoreDirectory}");

    [SkippableTheory]
    [InlineData("nix234", NarCompression.Zstd)]
    [InlineData("nix226", NarCompression.Xz)]
    [InlineData("nix28", NarCompression.None)]
    public void What_is_exported_is_substituted_by_real_Nix_with_signatures(string version, NarCompression compression)
    {
        RealNix.Require(version);
        RealNix.Require("nix234");
        using var key = NixSecretKey.Generate("export-1");
        var place = _directory / "cache";
        var paths = lab.Paths.Select(lab.StoreDirectory.Parse).ToList();

        Export(place, [paths[^2], paths[^1], .. paths], new BinaryCacheAddOptions { Compression = compression, SecretKeys = [key] });

        Assert.Empty(_failed);
        Assert.Equal(paths.Count, _exported.Count);
        var target = $"local?root={_directory / "by-nix"}&store={lab.StoreDirectory}";
        RealNix.Command(version, lab, ["copy", "--from", $"file://{place}", "--to", target, "--option", "require-sigs", "true",
            "--option", "trusted-public-keys", key.PublicKey.ToString(), .. lab.Paths]);
        RealNix.Command(version, lab, ["store", "verify", "--store", target, "--no-trust", .. lab.Paths]);
    }

    [SkippableTheory]
    [InlineData("nix234", "zstd")]
    [InlineData("nix226", "xz")]
    [InlineData("nix28", "bzip2")]
    public void What_real_Nix_put_into_a_cache_is_imported(string version, string compression)
    {
        RealNix.Require(version);
        var place = _directory / "cache";
        RealNix.Command(version, lab, ["copy", "--to", $"file://{place}?compression={compression}&secret-key={lab.SecretKeyFile}", .. lab.Paths]);
        using var source = new BinaryCacheSource(BinaryCacheFactory.Open($"file://{place}", new BinaryCacheOptions { StoreDirectory = lab.StoreDirectory }));
        var target = Target("ours");
        var failed = new ConcurrentBag<string>();

        using (var importer = PathImporter.Open(target, default))
        {
            var work = new SourceImporter(importer, source, new ImportTrust(TrustedKeys.Parse([lab.PublicKey])), 3);
            work.Import([.. lab.Paths.Select(lab.StoreDirectory.Parse)], true, _ => { }, (path, error) => failed.Add($"{path}: {error.Message}"), default);
            Assert.Equal(work.Progress.TotalPaths, work.Progress.Paths);
            Assert.Equal(work.Progress.TotalBytes, work.Progress.Bytes);
        }

        Assert.Empty(failed);
        RealNix.Command(version, lab, ["store", "verify", "--store", target.Url, "--option", "trusted-public-keys", lab.PublicKey, .. lab.Paths]);
    }

    [SkippableFact]
    public void Keys_that_did_not_sign_do_not_do()
    {
        RealNix.Require("nix234");
        var place = _directory / "cache";
        var top = lab.StoreDirectory.Parse(lab.Paths[^2]);
        Export(place, [top], new BinaryCacheAddOptions { Compression = NarCompression.None });
        using var source = new BinaryCacheSource(BinaryCacheFactory.Open($"file://{place}", new BinaryCacheOptions { StoreDirectory = lab.StoreDirectory }));
        using var importer = PathImporter.Open(Target("ours"), default);
        var failed = new ConcurrentDictionary<StorePath, string>();

        new SourceImporter(importer, source, new ImportTrust(new TrustedKeys([NixPublicKey.CacheNixosOrg])), 1)
            .Import([top], true, _ => { }, (path, error) => failed[path] = error.ErrorId, default);

        Assert.Contains("UntrustedPath", failed.Values);
        Assert.Equal("ReferenceNotValid", failed[top]);
    }

    [SkippableFact]
    public void Exporting_again_writes_nothing_and_completes_what_was_interrupted()
    {
        RealNix.Require("nix234");
        var place = _directory / "cache";
        var paths = lab.Paths.Select(lab.StoreDirectory.Parse).ToList();
        var options = new BinaryCacheAddOptions { Compression = NarCompression.Zstd };
        Export(place, paths, options);

        // Killed between a NAR and its narinfo, and in the middle of a file.
        File.Delete($"{place}/{paths[^2].HashPart}.narinfo");
        File.WriteAllText($"{place}/nar/x.nar.zst.tmp.1.1", "half");
        _exported.Clear();
        Export(place, paths, options);

        Assert.Empty(_failed);
        Assert.Equal(paths[^2], Assert.Single(_exported, path => !path.WasThere).NarInfo.Path);
    }

    [SkippableFact]
    public void A_path_alone_needs_its_references_in_the_cache()
    {
        RealNix.Require("nix234");
        var top = lab.Paths.Select(lab.StoreDirectory.Parse).First(path => lab.Info(lab.StoreDirectory.Print(path)).References.Count > 1);

        Export(_directory / "cache", [top], new BinaryCacheAddOptions(), withClosure: false);

        Assert.Equal("ReferenceNotInCache", _failed[top]);
        Assert.False(File.Exists(_directory / $"cache/{top.HashPart}.narinfo"));
    }

    [Theory]
    [InlineData("/x/app.nar", "app")]
    [InlineData("/x/app-1.0.nar.xz", "app-1.0")]
    [InlineData("app.nar.zst", "app")]
    [InlineData("app.nar.gz", "app")]
    [InlineData("app.tar.gz", "app.tar.gz")]
    [InlineData("nar", "nar")]
    public void Names_of_NAR_files(string file, string expected) => Assert.Equal(expected, NarFile.NameOf(file));

    private void Export(string place, IReadOnlyCollection<StorePath> paths, BinaryCacheAddOptions options, bool withClosure = true)
    {
        using var source = LocalStoreSource.Open(Location);
        using var cache = BinaryCacheFactory.Open($"file://{place}", new BinaryCacheOptions { Create = true, StoreDirectory = lab.StoreDirectory });
        new BinaryCacheExporter(source, cache, options, 3).Export(
            paths, withClosure, _exported.Add, (path, error) => _failed[path] = error.ErrorId, default);
    }
}
