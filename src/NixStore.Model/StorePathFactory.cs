using System.Security.Cryptography;
using System.Text;

namespace NixStore;

/// <summary>
/// Computes the store path that contents or a derivation must have in one store directory
/// (STORE-SPEC §3; Nix libstore/store-dir-config.cc:makeStorePath).
/// </summary>
public sealed class StorePathFactory(StoreDirectory directory)
{
    private const int PathHashLength = 20;

    /// <summary>The store directory; it is part of every fingerprint, so paths of different store directories differ.</summary>
    public StoreDirectory Directory { get; } = directory;

    /// <summary>Folds a digest into fewer bytes: byte i is XORed into byte i modulo <paramref name="folded"/>'s length.</summary>
    public static void CompressHash(ReadOnlySpan<byte> digest, Span<byte> folded)
    {
        folded.Clear();
        for (var i = 0; i < digest.Length; i++)
        {
            folded[i % folded.Length] ^= digest[i];
        }
    }

    /// <summary>The path with a given type and inner hash: the primitive under all the others.</summary>
    /// <param name="type">For example <c>source</c>, <c>text:/nix/store/…</c> or <c>output:out</c>.</param>
    /// <param name="inner">A SHA-256 hash.</param>
    /// <param name="name">What follows the hash part.</param>
    /// <exception cref="NixStoreException">InvalidStorePath: the name is not acceptable.</exception>
    public StorePath MakeStorePath(string type, NixHash inner, string name)
    {
        var fingerprint = $"{type}:{NixHash.NameOf(inner.Algorithm)}:{inner.ToBase16()}:{Directory.Path}:{name}";
        Span<byte> folded = stackalloc byte[PathHashLength];
        CompressHash(SHA256.HashData(Encoding.UTF8.GetBytes(fingerprint)), folded);
        return StorePath.FromParts(Nix32.Encode(folded), name);
    }

    /// <summary>A file made by toFile, or a .drv: <paramref name="contents"/> is the SHA-256 of its bytes.</summary>
    /// <exception cref="NixStoreException">InvalidStorePath</exception>
    public StorePath MakeTextPath(NixHash contents, string name, IEnumerable<StorePath> references)
        => MakeStorePath(TypeWithReferences("text", references, hasSelfReference: false), contents, name);

    /// <summary>A path addressed by the SHA-256 of its NAR (in which references to itself are zeroed).</summary>
    /// <exception cref="NixStoreException">InvalidStorePath</exception>
    public StorePath MakeSourcePath(NixHash nar, string name, IEnumerable<StorePath> references, bool hasSelfReference)
        => MakeStorePath(TypeWithReferences("source", references, hasSelfReference), nar, name);

    /// <summary>An output of an input-addressed derivation.</summary>
    /// <param name="outputName">For example <c>out</c>.</param>
    /// <param name="derivationHash">The derivation's hash modulo its fixed outputs, with its own outputs masked; see <see cref="DerivationHasher"/>.</param>
    /// <param name="derivationName">Name of the derivation without <c>.drv</c>.</param>
    /// <exception cref="NixStoreException">InvalidStorePath</exception>
    public StorePath MakeOutputPath(string outputName, NixHash derivationHash, string derivationName)
        => MakeStorePath($"output:{outputName}", derivationHash, OutputPathName(derivationName, outputName));

    /// <summary>The name of an output's path: the derivation's, with the output's appended unless that is <c>out</c>.</summary>
    public static string OutputPathName(string derivationName, string outputName)
        => outputName == "out" ? derivationName : $"{derivationName}-{outputName}";

    /// <summary>The path of contents with a content address.</summary>
    /// <param name="address">Method and hash.</param>
    /// <param name="name">What follows the hash part.</param>
    /// <param name="references">References to other paths.</param>
    /// <param name="hasSelfReference">True when it refers to itself.</param>
    /// <exception cref="NixStoreException">
    /// InvalidStorePath: the name. ReferencesNotAllowed: only <c>text</c> and <c>fixed:r:sha256</c> may have references, and only the latter to itself.
    /// </exception>
    public StorePath FromContentAddress(
        ContentAddress address, string name, IReadOnlyCollection<StorePath> references, bool hasSelfReference)
    {
        if (address is { Method: ContentAddressMethod.Nar, Hash.Algorithm: NixHashAlgorithm.Sha256 })
        {
            return MakeSourcePath(address.Hash, name, references, hasSelfReference);
        }

        if (hasSelfReference || (references.Count > 0 && address.Method != ContentAddressMethod.Text))
        {
            throw new NixStoreException("ReferencesNotAllowed", StoreErrorKind.InvalidData,
                $"'{name}' with the content address '{address}' must not have {(hasSelfReference ? "a reference to itself" : "references")}.", name);
        }

        if (address.Method == ContentAddressMethod.Text)
        {
            return MakeTextPath(address.Hash, name, references);
        }

        // Flat files, other algorithms and Git trees: a second hash over the description stands for the contents.
        var description = $"fixed:out:{address.MethodPrefix}{NixHash.NameOf(address.Hash.Algorithm)}:{address.Hash.ToBase16()}:";
        var inner = new NixHash(NixHashAlgorithm.Sha256, SHA256.HashData(Encoding.UTF8.GetBytes(description)));
        return MakeStorePath("output:out", inner, name);
    }

    /// <summary>
    /// True when <paramref name="path"/> is the path that its content address and references demand: then the contents, hashed,
    /// prove the path, and no signature is needed (Nix ValidPathInfo::isContentAddressed).
    /// </summary>
    /// <param name="path">The path.</param>
    /// <param name="address">Its content address.</param>
    /// <param name="references">All its references, itself included when it refers to itself.</param>
    public bool Proves(StorePath path, ContentAddress address, IReadOnlyCollection<StorePath> references)
    {
        var others = references.Where(reference => !reference.Equals(path)).ToList();
        var hasSelfReference = others.Count != references.Count;
        var isNarSha256 = address is { Method: ContentAddressMethod.Nar, Hash.Algorithm: NixHashAlgorithm.Sha256 };
        if ((hasSelfReference && !isNarSha256) || (others.Count > 0 && !isNarSha256 && address.Method != ContentAddressMethod.Text))
        {
            return false;
        }

        return FromContentAddress(address, path.Name, others, hasSelfReference).Equals(path);
    }

    private string TypeWithReferences(string type, IEnumerable<StorePath> references, bool hasSelfReference)
    {
        var text = new StringBuilder(type);
        foreach (var reference in references.Distinct().Order())
        {
            text.Append(':').Append(Directory.Path).Append('/').Append(reference.BaseName);
        }

        return (hasSelfReference ? text.Append(":self") : text).ToString();
    }
}
