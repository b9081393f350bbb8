using System.Buffers.Binary;

namespace NixStore.Bench.Catalogs;

/// <summary>
/// A cache that never was. Path number i is the i-th that was uploaded, and everything of it is computed from i and the seed, so that rows can be made in any
/// order. Like the real one in what matters: references go to older paths, most of them within a mass rebuild and by zipf's law to its first paths;
/// 14 % have none; 22 % refer to themselves; a few share a NAR; all hashes are noise.
/// </summary>
/// <param name="options">What it is like.</param>
public sealed class SyntheticCache(GeneratorOptions options)
{
    /// <summary>The most references of a path.</summary>
    public const int MaximumReferences = 200;

    private const double WithoutReferences = 0.14;
    private const double WithSelf = 0.22;
    private const double ToFormerRebuild = 0.08;
    private const double MeanReferences = 8.8;
    private const double SharedNar = 0.02;
    private const long ImageEvery = 2000;

    private static readonly string[] s_systems = ["x86_64-linux", "aarch64-linux", "x86_64-darwin", "aarch64-darwin"];
    private static readonly string[] s_prefixes = ["python3.11-", "perl5.38.2-", "haskell-", "rust_", "ocaml5.1-", "emacs-", "texlive-", "", "", "", "", "lib"];
    private static readonly long s_start = new DateTimeOffset(2015, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
    private static readonly long s_end = new DateTimeOffset(2026, 1, 6, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();

    /// <summary>What it is like.</summary>
    public GeneratorOptions Options { get; } = options;

    /// <summary>The 20 bytes of a path's hash.</summary>
    public void Hash(long i, Span<byte> hash)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(hash, Random(i, 1));
        BinaryPrimitives.WriteUInt64LittleEndian(hash[8..], Random(i, 2));
        BinaryPrimitives.WriteUInt32LittleEndian(hash[16..], (uint)Random(i, 3));
    }

    /// <summary>The 32 bytes of the hash of its NAR file; another path's, when they share one.</summary>
    public void FileHash(long i, Span<byte> hash)
    {
        var of = NarOf(i);
        for (var part = 0; part < 4; part++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(hash[(8 * part)..], Random(of, 10 + part));
        }
    }

    /// <summary>The path whose NAR it has: itself, or an older one of the same rebuild.</summary>
    public long NarOf(long i)
    {
        var first = i - (i % Options.Rebuild);
        return i > first && Unit(i, 20) < SharedNar ? first + (long)(Unit(i, 21) * (i - first)) is var other && IsOriginal(other) ? other : i : i;
    }

    /// <summary>When its narinfo was written, milliseconds since 1970.</summary>
    public long Time(long i) => s_start + (long)((double)i / Options.Count * (s_end - s_start));

    /// <summary>Bytes of its NAR: most are small, some are huge.</summary>
    public long NarSize(long i)
    {
        var of = NarOf(i);
        var size = IsImage(of) ? 800e6 + (Unit(of, 30) * 900e6) : Math.Exp(10.5 + (2.3 * Normal(of)));
        return Math.Max(96, (long)size / 8 * 8);
    }

    /// <summary>Bytes of its NAR file.</summary>
    public long FileSize(long i) => Math.Max(80, (long)(NarSize(i) * 0.24));

    /// <summary>Where its NAR is.</summary>
    public string Compression(long i) => NarOf(i) is var of && of < Options.Count / 50 ? "bzip2" : Unit(of, 31) < 0.03 ? "zstd" : "xz";

    /// <summary>For which system it was built; null for one in twenty.</summary>
    public string? System(long i) => Unit(i, 32) switch
    {
        < 0.05 => null,
        < 0.55 => s_systems[0],
        < 0.80 => s_systems[1],
        < 0.90 => s_systems[2],
        _ => s_systems[3],
    };

    /// <summary>True for a NixOS image; see <see cref="Name"/>.</summary>
    public bool IsImage(long i) => Random(i, 33) % ImageEvery == 0;

    /// <summary>True for a fixed output: 8 % of all, none of which refers to anything.</summary>
    public bool IsFixedOutput(long i) => Unit(i, 34) < 0.08;

    /// <summary>Its name after the hash. One in 2000 is an image: nixos-*.iso, nixos-*.img or nixos-amazon-image-*.</summary>
    public string Name(long i)
    {
        var rebuild = i / Options.Rebuild;
        if (IsImage(i))
        {
            var release = $"{15 + (rebuild % 11)}.{(rebuild % 2 == 0 ? "05" : "11")}.{Random(i, 35) % 10000}.{(uint)Random(i, 36):x8}-x86_64-linux";
            return (Random(i, 37) % 3) switch { 0 => $"nixos-minimal-{release}.iso", 1 => $"nixos-sd-image-{release}.img", _ => $"nixos-amazon-image-{release}" };
        }

        if (IsFixedOutput(i))
        {
            return $"source-{Random(i, 38) % 100000:x}.tar.gz";
        }

        var package = (long)Math.Pow(60_000, Unit(i, 39));
        return $"{s_prefixes[package % s_prefixes.Length]}package{package}-{1 + (package % 9)}.{rebuild % 40}.{(package + rebuild) % 20}";
    }

    /// <summary>The paths that it refers to, as numbers without repetition.</summary>
    /// <returns>How many.</returns>
    public int References(long i, Span<long> references)
    {
        var first = i - (i % Options.Rebuild);
        var older = i - first;
        var count = 0;
        if (IsFixedOutput(i) || Unit(i, 40) < (WithoutReferences - 0.08) / 0.92)
        {
            return 0;
        }

        if (Unit(i, 41) < WithSelf)
        {
            references[count++] = i;
        }

        var wanted = Math.Min(MaximumReferences - 1, 1 + (int)(-Math.Log(1 - Unit(i, 42)) * MeanReferences));
        for (var n = 0; n < wanted; n++)
        {
            var target = Target(i, first, older, n);
            if (target >= 0 && !references[..count].Contains(target))
            {
                references[count++] = target;
            }
        }

        return count;
    }

    /// <summary>64 bits of noise for a path and a purpose.</summary>
    public ulong Random(long i, int purpose)
    {
        // splitmix64
        var z = ((ulong)i * 0x9E3779B97F4A7C15) + ((ulong)purpose * 0xD1B54A32D192ED03) + (Options.Seed * 0x8CB92BA72F3D8DD7);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private long Target(long i, long first, long older, int n)
    {
        var u = Unit(i, 100 + (2 * n));
        var fromFormer = first > 0 && (older == 0 || Unit(i, 101 + (2 * n)) < ToFormerRebuild);
        var (start, length) = fromFormer ? (first - Options.Rebuild, Options.Rebuild) : (first, older);

        // Log-uniform places are zipf's law with exponent 1.
        return length == 0 ? -1 : start + Math.Min(length - 1, (long)Math.Pow(length, u) - 1 + (length > 1 ? (long)(u * 8) : 0));
    }

    private bool IsOriginal(long i) => i % Options.Rebuild == 0 || Unit(i, 20) >= SharedNar;

    private double Unit(long i, int purpose) => (Random(i, purpose) >> 11) * (1.0 / (1UL << 53));

    private double Normal(long i) => Math.Sqrt(-2 * Math.Log(1 - Unit(i, 50))) * Math.Cos(2 * Math.PI * Unit(i, 51));
}
