using System.Security.Cryptography;
using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Tests.Support;
using NixStore.Catalog.Feeding;
using NixStore.Catalog.Inventories;
using NixStore.Catalog.Pruning.Applying;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Roots;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.ClickHouse;
using TemporaryDirectory = NixStore.Catalog.Tests.Support.TemporaryDirectory;

namespace NixStore.Catalog.Tests.Pruning.Applying;

/// <summary>
/// A cache that real Nix has filled: a root with its closure, images that may go, of which one shares its NAR with a path that stays, listings and a log.
/// </summary>
internal sealed class PrunedCache : IDisposable
{
    private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<NixLab, Dictionary<string, string>> s_paths = [];

    private readonly TemporaryDirectory _directory = new();
    private readonly NixLab _lab;

    /// <summary>Makes one: <c>file</c>, <c>s3</c>, or <c>versions</c> for a bucket that keeps versions.</summary>
    internal PrunedCache(NixLab lab, S3Server server, string kind)
    {
        (_lab, Server) = (lab, server);
        RealNix.Require("nix234");
        if (kind == "file")
        {
            Directory.CreateDirectory(_directory / "cache");
            Url = $"file://{_directory / "cache"}";
        }
        else
        {
            server.Require();
            Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", "AKTEST");
            Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "SKTEST");
            // Debian's Nix signs no requests, and what nobody has written is nobody's: not even its bucket's owner may do more with it.
            Bucket = server.NewBucket(
                "s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:GetObjectVersion", "s3:GetObjectTagging", "s3:PutObjectTagging", "s3:DeleteObjectTagging",
                "s3:PutObjectVersionTagging", "s3:DeleteObjectVersionTagging");
            if (kind == "versions")
            {
                server.KeepVersions(Bucket);
            }

            Url = server.Url(Bucket);
        }
    }

    internal string Url { get; }

    internal string Bucket { get; } = "";

    /// <summary>Store paths by their names.</summary>
    internal IReadOnlyDictionary<string, string> Paths
    {
        get
        {
            lock (s_paths)
            {
                return s_paths.GetValue(_lab, Build);
            }
        }
    }

    internal string InFolder(string name) => _directory / name;

    internal string HashOf(string name) => _lab.StoreDirectory.Parse(Paths[name]).HashPart;

    /// <summary>Fills it by <c>nix copy</c>.</summary>
    internal PrunedCache Fill(params string[] names)
    {
        Copy([.. (names.Length > 0 ? names : [.. Paths.Keys]).Select(name => Paths[name])]);
        Put($"log/{Path.GetFileName(_lab.Info(Paths["nixos-disk-image-1"]).Deriver!.BaseName)}", "a log");
        return this;
    }

    internal void Copy(params IEnumerable<string> paths)
        => RealNix.Command("nix234", _lab, ["copy", "--to", Url + (Url.Contains('?') ? "&" : "?") + "write-nar-listing=true&compression=zstd", .. paths]);

    internal void Put(string key, string text)
    {
        if (Bucket.Length == 0)
        {
            var path = Path.Combine(Url["file://".Length..], key);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }
        else
        {
            Server.Put(Bucket, key, System.Text.Encoding.UTF8.GetBytes(text));
        }
    }

    internal S3Server Server { get; }

    /// <summary>The file of an object, in a folder.</summary>
    internal string FileOf(string key) => Path.Combine(Url["file://".Length..], key);

    /// <summary>Lets all files of a folder be as old as this.</summary>
    internal void Age(TimeSpan age)
    {
        foreach (var file in Directory.EnumerateFiles(Url["file://".Length..], "*", SearchOption.AllDirectories))
        {
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow - age);
        }
    }

    /// <summary>Makes a plan for the images, with a catalog of the cache as it is.</summary>
    internal PrunePlan Plan(string name = "one.plan", Func<PruneRequest, PruneRequest>? change = null)
    {
        var folder = _directory / (name + ".catalog");
        using (var cache = BinaryCacheFactory.Open(Url))
        using (var writer = CatalogWriter.Open(folder, new CatalogManifest { Cache = cache.Address, StoreDirectory = _lab.StoreDirectory.Path }))
        {
            new ListingImport(cache).Run(writer);
            new NarInfoUpdate(writer, new BinaryCacheFeed(cache)).Run();
            new LinkUpdate(writer, cache).Run();
            RootTable.Add(writer, [new RootList(BinaryCacheRootKind.StorePath, "test", [_lab.StoreDirectory.Parse(Paths["app"]), _lab.StoreDirectory.Parse(Paths["twin"])])], DateTimeOffset.UtcNow, null);
        }

        var request = new PruneRequest { Names = ["nixos-disk-image*", "only-for-image"], MinimumAge = TimeSpan.Zero };
        return BothEngines.Plan(CacheCatalog.Open(folder), _directory / name, change?.Invoke(request) ?? request);
    }

    /// <summary>All objects but the trash, by their contents.</summary>
    internal Dictionary<string, string> Objects()
    {
        using var cache = BinaryCacheFactory.Open(Url);
        return cache.List().Where(file => !file.Name.StartsWith("nixstore-trash/", StringComparison.Ordinal)).ToDictionary(file => file.Name, file =>
        {
            using var stream = cache.OpenFile(file.Name);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        });
    }

    /// <summary>Lets real Nix, which remembers nothing, fetch a path with its closure.</summary>
    internal void Realise(string name)
    {
        using var place = new TemporaryDirectory();
        var environment = new Dictionary<string, string>(_lab.Environment) { ["XDG_CACHE_HOME"] = place / "cache", ["HOME"] = place.Path };
        RealNix.CommandIn(environment, "nix234", "copy", "--no-check-sigs", "--from", Url, "--to", $"local?store={_lab.StoreDirectory.Path}&real={place / "real"}&state={place / "state"}&log={place / "log"}", Paths[name]);
        Assert.True(Path.Exists(Path.Combine(place / "real", Path.GetFileName(Paths[name]))));
    }

    /// <summary>Narinfos that lack their NAR or a reference.</summary>
    internal List<string> Holes()
    {
        using var cache = BinaryCacheFactory.Open(Url);
        var files = cache.List().Select(file => file.Name).ToHashSet(StringComparer.Ordinal);
        var holes = new List<string>();
        foreach (var name in files.Where(name => name.EndsWith(".narinfo", StringComparison.Ordinal) && !name.Contains('/')))
        {
            if (cache.TryGetNarInfo(name[..32]) is not { } narInfo)
            {
                continue;
            }

            if (!files.Contains(narInfo.Url))
            {
                holes.Add($"{narInfo.Path.BaseName} lacks {narInfo.Url}");
            }

            holes.AddRange(narInfo.Info.References.Where(reference => !files.Contains(reference.HashPart + ".narinfo")).Select(reference => $"{narInfo.Path.BaseName} lacks {reference}"));
        }

        return holes;
    }

    public void Dispose() => _directory.Dispose();

    /// <summary>Applies a plan until nothing is due.</summary>
    internal static List<BinaryCachePruneResult> Apply(PrunePlan plan, PruneOptions options, TimeProvider? clock = null)
    {
        using var run = PruneRun.Open(plan, options, clock);
        var results = new List<BinaryCachePruneResult>();
        while (run.Next().Step is var step and not (PruneStep.Wait or PruneStep.Finished))
        {
            results.Add(run.Do(step));
            if (results[^1].Exceptions.Any(exception => exception.Kind == PruneExceptionKind.Failed))
            {
                break;
            }
        }

        return results;
    }

    /// <summary>Applies a plan, with time going by as it asks for, and as long as the lifecycle of the bucket takes: a day is ten seconds there.</summary>
    internal void ApplyToTheEnd(PrunePlan plan, PruneOptions options, ShiftedClock clock)
    {
        for (var i = 0; i < 60; i++)
        {
            var results = Apply(plan, options, clock);
            if (results is [.., { IsFinished: true }])
            {
                return;
            }

            Thread.Sleep(2000);
            clock.Shift += (results.LastOrDefault()?.NextDue - clock.GetUtcNow()) is { } more && more > TimeSpan.Zero ? more : TimeSpan.Zero;
        }

        Assert.Fail($"The plan {plan.Summary.Id} does not come to its end.");
    }

    /// <summary>Without delays.</summary>
    internal static PruneOptions AtOnce(BinaryCachePruneMode mode = BinaryCachePruneMode.Trash) => new() { Mode = mode, NarDelay = TimeSpan.Zero, SettleDelay = TimeSpan.Zero };

    private static Dictionary<string, string> Build(NixLab lab)
    {
        _ = lab.Paths;
        var file = lab.Place("prune.nix");
        File.WriteAllText(file, """
            let
              make = name: script: derivation { inherit name; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" script ]; };
              base = make "base" "echo base > $out";
              lib = make "lib" "echo ${base} > $out";
              app = make "app" "echo ${lib} ${base} > $out";
              twin = make "twin" "echo the same > $out";
              twinImage = make "nixos-disk-image-twin" "echo the same > $out";
              only = make "only-for-image" "echo only > $out";
              image = make "nixos-disk-image-1" "echo ${only} ${base} > $out";
              needed = make "nixos-disk-image-2" "echo ${image} ${lib} > $out";
              upload = make "upload" "echo ${image} > $out";
              upload2 = make "upload-2" "echo the same > $out";
              upload3 = make "upload-3" "echo ${needed} ${only} > $out";
              copy = make "copy-of-image" "echo ${only} ${base} > $out";
            in { inherit base lib app twin twinImage only image needed upload upload2 upload3 copy; }
            """);
        var names = new Dictionary<string, string>
        {
            ["base"] = "base", ["lib"] = "lib", ["app"] = "app", ["twin"] = "twin", ["twinImage"] = "nixos-disk-image-twin", ["only"] = "only-for-image", ["image"] = "nixos-disk-image-1",
            ["needed"] = "nixos-disk-image-2",
        };
        var paths = names.ToDictionary(name => name.Value, name => RealNix.Run("nix234-build", lab, "--no-out-link", file, "-A", name.Key));
        return paths;
    }

    /// <summary>Paths that are uploaded later.</summary>
    internal static string BuildUpload(NixLab lab, string attribute) => RealNix.Run("nix234-build", lab, "--no-out-link", lab.Place("prune.nix"), "-A", attribute);
}
