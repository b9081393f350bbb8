using System.Globalization;
using NixStore.Caches.Compression;

namespace NixStore.Caches.BinaryCaches;

/// <summary>The settings that Nix lets one write behind the <c>?</c> of a cache's URL, as far as they matter here (STORE-SPEC §8).</summary>
public sealed record BinaryCacheParameters
{
    /// <summary><c>compression</c> for what is added; Nix's default is xz.</summary>
    public NarCompression Compression { get; init; } = NarCompression.Xz;

    /// <summary><c>compression-level</c>; null = the codec's default (Nix: -1).</summary>
    public int? CompressionLevel { get; init; }

    /// <summary><c>secret-key</c> and <c>secret-keys</c>: files with the keys that sign what is added.</summary>
    public IReadOnlyList<string> SecretKeyFiles { get; init; } = [];

    /// <summary><c>priority</c>; null = what the cache says. Lower is asked first.</summary>
    public int? Priority { get; init; }

    /// <summary><c>want-mass-query</c>; null = what the cache says.</summary>
    public bool? WantMassQuery { get; init; }

    /// <summary><c>trusted</c>: its paths need no signature.</summary>
    public bool Trusted { get; init; }

    /// <summary><c>store</c>: the logical store directory that is expected.</summary>
    public StoreDirectory? StoreDirectory { get; init; }

    /// <summary><c>write-nar-listing</c>: each path gets a file <c>.ls</c> that lists its NAR.</summary>
    public bool WriteNarListing { get; init; }

    /// <summary><c>index-debug-info</c>: files <c>debuginfo/&lt;build-id&gt;</c> lead to the NARs with symbols.</summary>
    public bool IndexDebugInfo { get; init; }

    /// <summary><c>narinfo-compression</c> of what is added over the net; null for none.</summary>
    public NarCompression? NarInfoCompression { get; init; }

    /// <summary><c>ls-compression</c> of what is added over the net; null for none.</summary>
    public NarCompression? ListingCompression { get; init; }

    /// <summary>Parameters that are none of the above, as written: those of S3 (<see cref="S3.S3Parameters"/>), and some that change nothing here.</summary>
    public IReadOnlyDictionary<string, string> Others { get; init; } = new Dictionary<string, string>();

    /// <summary>Parses what stands behind the <c>?</c>.</summary>
    /// <exception cref="NixStoreException">InvalidBinaryCacheUrl, CompressionNotSupported, InvalidStoreDirectory</exception>
    internal static BinaryCacheParameters Parse(string query, string url)
    {
        var result = new BinaryCacheParameters();
        var others = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=');
            var name = Uri.UnescapeDataString(equals < 0 ? part : part[..equals]);
            var value = equals < 0 ? "" : Uri.UnescapeDataString(part[(equals + 1)..]);
            result = name switch
            {
                "compression" => result with { Compression = NarCompressionNames.Parse(value, url) },
                "compression-level" => result with { CompressionLevel = Number(name, value, url) is var level and >= 0 ? level : null },
                "secret-key" => result with { SecretKeyFiles = value.Length == 0 ? result.SecretKeyFiles : [value, .. result.SecretKeyFiles] },
                "secret-keys" => result with
                {
                    SecretKeyFiles = [.. result.SecretKeyFiles, .. value.Split(',', StringSplitOptions.RemoveEmptyEntries)],
                },
                "priority" => result with { Priority = Number(name, value, url) },
                "want-mass-query" => result with { WantMassQuery = Switch(name, value, url) },
                "trusted" => result with { Trusted = Switch(name, value, url) },
                "store" => result with { StoreDirectory = new StoreDirectory(value) },
                "write-nar-listing" => result with { WriteNarListing = Switch(name, value, url) },
                "index-debug-info" => result with { IndexDebugInfo = Switch(name, value, url) },
                "narinfo-compression" when value.Length > 0 => result with { NarInfoCompression = NarCompressionNames.Parse(value, url) },
                "ls-compression" when value.Length > 0 => result with { ListingCompression = NarCompressionNames.Parse(value, url) },
                _ => result,
            };
            if (name is not ("compression" or "compression-level" or "secret-key" or "secret-keys" or "priority" or "want-mass-query"
                or "trusted" or "store" or "write-nar-listing" or "index-debug-info" or "narinfo-compression" or "ls-compression"))
            {
                others[name] = value;
            }
        }

        return result with { Others = others };
    }

    private static int Number(string name, string value, string url)
        => int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number : throw Invalid(name, value, url, "a number");

    internal static bool Switch(string name, string value, string url) => value switch
    {
        "true" or "yes" or "1" => true,
        "false" or "no" or "0" => false,
        _ => throw Invalid(name, value, url, "true or false"),
    };

    internal static NixStoreException Invalid(string name, string value, string url, string wanted) => new(
        "InvalidBinaryCacheUrl", StoreErrorKind.InvalidArgument, $"'{value}' is no value for '{name}' in '{url}'.", url, $"Give {wanted}.");
}
