using System.Diagnostics.CodeAnalysis;

namespace NixStore;

/// <summary>How the contents behind a content address are serialised before hashing (Nix libstore/content-address.cc).</summary>
public enum ContentAddressMethod
{
    /// <summary><c>text:</c> a file made by toFile, or a .drv; may have references, none to itself.</summary>
    Text,
    /// <summary><c>fixed:</c> the bytes of one regular file.</summary>
    Flat,
    /// <summary><c>fixed:r:</c> the NAR.</summary>
    Nar,
    /// <summary><c>fixed:git:</c> a Git tree or blob.</summary>
    Git,
}

/// <summary>The <c>ca</c> field of a valid path (STORE-SPEC §4).</summary>
public sealed record ContentAddress(ContentAddressMethod Method, NixHash Hash)
{
    /// <summary>Parses for example <c>fixed:r:sha256:1mcq…</c>.</summary>
    /// <exception cref="NixStoreException">InvalidContentAddress</exception>
    public static ContentAddress Parse(string text) => TryParse(text, out var address) ? address : throw new NixStoreException(
        "InvalidContentAddress", StoreErrorKind.InvalidData, $"'{text}' is not a content address.", text,
        "It looks like text:sha256:…, fixed:sha256:… or fixed:r:sha256:….");

    /// <summary>As <see cref="Parse"/> without raising an error.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ContentAddress? address)
    {
        address = null;
        if (text is null)
        {
            return false;
        }

        (ContentAddressMethod Method, string Digest)? parts =
            text.StartsWith("text:", StringComparison.Ordinal) ? (ContentAddressMethod.Text, text[5..])
            : text.StartsWith("fixed:r:", StringComparison.Ordinal) ? (ContentAddressMethod.Nar, text[8..])
            : text.StartsWith("fixed:git:", StringComparison.Ordinal) ? (ContentAddressMethod.Git, text[10..])
            : text.StartsWith("fixed:", StringComparison.Ordinal) ? (ContentAddressMethod.Flat, text[6..])
            : null;
        if (parts is not { } found || !found.Digest.Contains(':') || !NixHash.TryParse(found.Digest, out var hash)
            || (found.Method == ContentAddressMethod.Text && hash.Algorithm != NixHashAlgorithm.Sha256))
        {
            return false;
        }

        address = new ContentAddress(found.Method, hash);
        return true;
    }

    /// <summary>
    /// What stands before the algorithm in derivations and fingerprints: nothing, <c>r:</c>, <c>git:</c> or <c>text:</c>.
    /// </summary>
    public string MethodPrefix => Method switch
    {
        ContentAddressMethod.Text => "text:",
        ContentAddressMethod.Flat => "",
        ContentAddressMethod.Nar => "r:",
        _ => "git:",
    };

    /// <inheritdoc/>
    public override string ToString() => Method == ContentAddressMethod.Text ? $"text:{Hash}" : $"fixed:{MethodPrefix}{Hash}";
}
