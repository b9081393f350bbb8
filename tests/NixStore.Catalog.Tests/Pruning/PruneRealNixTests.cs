using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Tests.Support;
using NixStore.Catalog.Feeding;
using NixStore.Catalog.Inventories;
using NixStore.Catalog.Pruning.Certificates;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.ClickHouse;

namespace NixStore.Catalog.Tests.Pruning;

/// <summary>Which objects real Nix writes for a path, and that a plan has all of them.</summary>
[Collection(NixLabCollection.Name)]
public sealed class PruneRealNixTests(NixLab lab) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableFact]
    public void A_plan_has_each_object_of_a_path()
    {
        RealNix.Require("nix234");
        var paths = Build();
        var url = $"file://{_directory / "cache"}?compression=xz&write-nar-listing=true&index-debug-info=true&secret-key={lab.SecretKeyFile}";
        Nix(["copy", "--to", url, .. lab.Paths, paths[0]]);

        // Of a path that is only named, Nix does not copy what realises it.
        Nix(["copy", "--to", url, "--file", _directory / "paths.nix", "1"]);
        var before = Files();
        Nix("store", "copy-log", "--to", url, paths[0]);
        var catalog = Catalog($"file://{_directory / "cache"}");
        var plan = BothEngines.Plan(catalog, _directory / "a.plan", new PruneRequest { Names = ["lab-debug", "lab-ca"], MinimumAge = TimeSpan.Zero, IncludeFixedOutput = true, KeepRoots = false });
        Assert.All(new PruneCertificate(catalog, plan).Run(), check => Assert.True(check.IsPassed, check.ToString() + string.Join(' ', check.Examples)));

        var objects = plan.ReadObjects(1).Concat(plan.ReadObjects(2)).ToList();
        Assert.Equal(
            [BinaryCacheObjectKind.NarInfo, BinaryCacheObjectKind.Listing, BinaryCacheObjectKind.Log, BinaryCacheObjectKind.DebugInfo, BinaryCacheObjectKind.Realisation, BinaryCacheObjectKind.Nar],
            objects.Select(item => item.Kind).Distinct().Order());

        // What is left is what there is without the path.
        objects.ForEach(item => File.Delete(Path.Combine(_directory / "cache", item.Key)));
        Assert.Equal(Files(), before.Except(objects.Select(item => item.Key)).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(Files(), file => file.StartsWith("debuginfo/", StringComparison.Ordinal) || file.StartsWith("realisations/", StringComparison.Ordinal) || file.StartsWith("log/", StringComparison.Ordinal));
        Nix(["store", "verify", "--no-trust", "--recursive", "--store", $"file://{_directory / "cache"}", .. lab.Paths]);
    }

    private string[] Files() => [.. Directory.EnumerateFiles(_directory / "cache", "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_directory / "cache", file)).Order(StringComparer.Ordinal)];

    /// <summary>A path with symbols and a log, and one whose name nobody knew before it was built.</summary>
    private string[] Build()
    {
        File.WriteAllText(_directory / "paths.nix", """
            let
              make = name: script: more: derivation ({
                inherit name; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" script ]; PATH = "/bin:/usr/bin";
              } // more);
            in [
              (make "lab-debug" "mkdir -p $out/lib/debug/.build-id/ab; echo building; echo symbols > $out/lib/debug/.build-id/ab/cdef0123456789abcdef0123456789abcdef01.debug" { })
              (make "lab-ca" "echo content > $out" { __contentAddressed = true; outputHashMode = "recursive"; outputHashAlgo = "sha256"; })
            ]
            """);
        return RealNix.Run("nix234-build", lab, "--extra-experimental-features", "ca-derivations", "--no-out-link", _directory / "paths.nix").Split('\n');
    }

    private void Nix(params string[] arguments) => RealNix.Command("nix234", lab, ["--extra-experimental-features", "ca-derivations", .. arguments]);

    private CacheCatalog Catalog(string url)
    {
        using var cache = BinaryCacheFactory.Open(url);
        using var writer = CatalogWriter.Open(_directory / "cache.catalog", new CatalogManifest { Cache = url, StoreDirectory = cache.StoreDirectory.Path });
        new ListingImport(cache).Run(writer);
        Assert.Equal(0, new NarInfoUpdate(writer, new BinaryCacheFeed(cache)).Run().Findings);
        Assert.Equal(0, new LinkUpdate(writer, cache).Run().Findings);
        return writer.ToCatalog();
    }
}
