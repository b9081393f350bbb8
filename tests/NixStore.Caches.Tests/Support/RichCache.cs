namespace NixStore.Caches.Tests.Support;

/// <summary>A cache as real Nix writes it with everything: listings, debug information, a realisation, a build log.</summary>
internal sealed class RichCache
{
    private RichCache(string url, IReadOnlyList<string> paths)
    {
        Url = url;
        Paths = paths;
    }

    public string Url { get; }

    public IReadOnlyList<string> Paths { get; }

    /// <summary>Copies the lab's paths, a content-addressed build and one with debug information to a cache, signed.</summary>
    public static RichCache Make(NixLab lab, string url, string separator = "?")
    {
        var file = lab.Place("rich.nix");
        File.WriteAllText(file, """
            let
              make = name: script: more: derivation ({
                inherit name; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" script ]; PATH = "/usr/bin:/bin";
              } // more);
            in {
              addressed = make "addressed" "echo by contents > $out" { __contentAddressed = true; outputHashMode = "recursive"; outputHashAlgo = "sha256"; };
              debug = make "debug" "mkdir -p $out/lib/debug/.build-id/ab; echo symbols > $out/lib/debug/.build-id/ab/cdef0123456789abcdef0123456789abcdef01.debug" {};
            }
            """);
        string[] features = ["--extra-experimental-features", "nix-command ca-derivations"];
        var debug = RealNix.Run("nix234-build", lab, ["--no-out-link", file, "-A", "debug"]);
        RealNix.Run("nix234-build", lab, [.. features, "--no-out-link", file, "-A", "addressed"]);
        var target = $"{url}{separator}secret-key={lab.SecretKeyFile}&write-nar-listing=true&index-debug-info=true&compression=zstd";
        RealNix.Run("nix234", lab, [.. features, "copy", "--to", target, debug, .. lab.Paths]);
        RealNix.Run("nix234", lab, [.. features, "copy", "--to", target, "-f", file, "addressed"]);
        return new RichCache(url, [.. lab.Paths, debug]);
    }
}
