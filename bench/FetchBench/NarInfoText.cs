using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using NixStore.Bench.Catalogs;

namespace NixStore.Bench.Fetching;

/// <summary>Writes narinfos of a cache that never was, as Hydra writes them.</summary>
/// <param name="cache">The cache.</param>
public sealed class NarInfoText(SyntheticCache cache)
{
    private readonly byte[] _hash = new byte[32];

    /// <summary>The 32 characters of a path's hash.</summary>
    public string HashPart(long i)
    {
        cache.Hash(i, _hash.AsSpan(0, 20));
        return Nix32.Encode(_hash.AsSpan(0, 20));
    }

    /// <summary>The narinfo of a path.</summary>
    public byte[] Of(long i)
    {
        Span<long> numbers = stackalloc long[SyntheticCache.MaximumReferences];
        numbers = numbers[..cache.References(i, numbers)];
        var references = new string[numbers.Length];
        for (var n = 0; n < references.Length; n++)
        {
            references[n] = BaseName(numbers[n]);
        }

        Array.Sort(references, StringComparer.Ordinal);
        var compression = cache.Compression(i);
        cache.FileHash(i, _hash);
        var fileHash = Nix32.Encode(_hash);
        _hash[0] ^= 1;
        var narHash = Nix32.Encode(_hash);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"StorePath: /nix/store/{BaseName(i)}\n")
            .Append(CultureInfo.InvariantCulture, $"URL: nar/{fileHash}.nar.{compression switch { "bzip2" => "bz2", "zstd" => "zst", var other => other }}\n")
            .Append(CultureInfo.InvariantCulture, $"Compression: {compression}\nFileHash: sha256:{fileHash}\nFileSize: {cache.FileSize(i)}\n")
            .Append(CultureInfo.InvariantCulture, $"NarHash: sha256:{narHash}\nNarSize: {cache.NarSize(i)}\n")
            .Append(CultureInfo.InvariantCulture, $"References: {string.Join(' ', references)}\nDeriver: {HashPart(~i)}-{cache.Name(i)}.drv\n");
        if (cache.System(i) is { } system)
        {
            text.Append(CultureInfo.InvariantCulture, $"System: {system}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"Sig: cache.invalid-1:{Convert.ToBase64String(Signature(i))}\n");
        if (cache.IsFixedOutput(i))
        {
            text.Append(CultureInfo.InvariantCulture, $"CA: fixed:r:sha256:{narHash}\n");
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>Writes a file cache without NARs.</summary>
    public void WriteCache(string directory)
    {
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "nix-cache-info"), "StoreDir: /nix/store\nWantMassQuery: 1\nPriority: 40\n");
        for (long i = 0; i < cache.Options.Count; i++)
        {
            File.WriteAllBytes(Path.Combine(directory, HashPart(i) + ".narinfo"), Of(i));
        }
    }

    private string BaseName(long i) => $"{HashPart(i)}-{cache.Name(i)}";

    private byte[] Signature(long i)
    {
        var signature = new byte[64];
        for (var part = 0; part < 8; part++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(signature.AsSpan(8 * part), cache.Random(i, 60 + part));
        }

        return signature;
    }
}
