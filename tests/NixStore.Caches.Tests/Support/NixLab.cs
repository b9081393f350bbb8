using System.Collections.Concurrent;
using System.Text.Json;

namespace NixStore.Caches.Tests.Support;

/// <summary>
/// A store made by real Nix, with references, a self reference, a deriver, a content address and a large file, and a signing key.
/// </summary>
public sealed class NixLab : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Lazy<IReadOnlyList<string>> _paths;
    private readonly ConcurrentDictionary<string, byte[]> _dumps = new();
    private readonly ConcurrentDictionary<string, ValidPathInfo> _infos = new();

    public NixLab() => _paths = new Lazy<IReadOnlyList<string>>(Fill);

    internal Dictionary<string, string> Environment => new()
    {
        ["NIX_STORE_DIR"] = _directory / "store",
        ["NIX_STATE_DIR"] = _directory / "var",
        ["NIX_LOG_DIR"] = _directory / "log",
        ["HOME"] = _directory / "home",
        ["NIX_REMOTE"] = "",
    };

    public StoreDirectory StoreDirectory => new(_directory / "store");

    /// <summary>Full paths, referenced ones first.</summary>
    public IReadOnlyList<string> Paths => _paths.Value;

    public string SecretKeyFile => Paths.Count > 0 ? _directory / "key.sec" : throw new InvalidOperationException();

    public string PublicKey => File.ReadAllText(Path.ChangeExtension(SecretKeyFile, "pub")).Trim();

    public string Place(string name) => _directory / name;

    public byte[] Dump(string path) => _dumps.GetOrAdd(path, _ => RealNix.RunBytes("nix234-store", this, "--dump", path));

    /// <summary>What Nix says of a path, in the first version of its JSON.</summary>
    public ValidPathInfo Info(string path) => _infos.GetOrAdd(path, _ => Ask(path));

    public void Dispose() => _directory.Dispose();

    private ValidPathInfo Ask(string path)
    {
        var json = JsonDocument.Parse(RealNix.Command("nix226", this, "path-info", "--json", path)).RootElement.GetProperty(path);
        return new ValidPathInfo
        {
            Path = StoreDirectory.Parse(path),
            NarHash = NixHash.Parse(json.GetProperty("narHash").GetString()!),
            NarSize = json.GetProperty("narSize").GetInt64(),
            References = [.. json.GetProperty("references").EnumerateArray().Select(reference => StoreDirectory.Parse(reference.GetString()!))],
            Deriver = json.GetProperty("deriver").GetString() is { } deriver ? StoreDirectory.Parse(deriver) : null,
            ContentAddress = json.GetProperty("ca").GetString() is { } address ? ContentAddress.Parse(address) : null,
        };
    }

    private List<string> Fill()
    {
        Directory.CreateDirectory(_directory / "home");
        RealNix.Run("nix234-store", this, "--generate-binary-cache-key", "lab-1", _directory / "key.sec", _directory / "key.pub");
        File.WriteAllBytes(_directory / "big", Samples.Contents(1 << 20));
        File.WriteAllText(_directory / "lab.nix", """
            let
              make = name: script: derivation {
                inherit name; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" script ];
              };
              leaf = make "leaf" "echo leaf > $out";
              self = make "self" "echo $out ${leaf} > $out";
              text = builtins.toFile "text" "some text";
            in [ leaf self (make "top" "echo ${self} ${leaf} ${text} > $out") ]
            """);
        var built = RealNix.Run("nix234-build", this, "--no-out-link", _directory / "lab.nix").Split('\n');
        var big = RealNix.Run("nix234-store", this, "--add", _directory / "big");
        var closure = RealNix.Run("nix234-store", this, ["-q", "--requisites", .. built]).Split('\n');
        return [.. closure, big];
    }
}
