namespace NixStore;

/// <summary>How the path of an output is determined.</summary>
public enum DerivationOutputKind
{
    /// <summary>By the derivation's inputs: a path, no hash.</summary>
    InputAddressed,
    /// <summary>By a hash given in advance: path, algorithm and hash.</summary>
    Fixed,
    /// <summary>By the contents, once built: an algorithm only.</summary>
    Floating,
    /// <summary>By the inputs, which are themselves not known yet: nothing is given.</summary>
    Deferred,
    /// <summary>By the contents, anew at every build: the hash is the word <c>impure</c>.</summary>
    Impure,
}

/// <summary>One output of a derivation (Nix libstore/derivations.cc:parseDerivationOutput).</summary>
/// <param name="Path">The path; null when it is known only after the build.</param>
/// <param name="HashAlgorithm">As in the file: empty, or the method's prefix and the algorithm, for example <c>r:sha256</c>.</param>
/// <param name="Hash">As in the file: empty, the digest in base 16, or <c>impure</c>.</param>
public sealed record DerivationOutput(StorePath? Path, string HashAlgorithm, string Hash)
{
    /// <summary>How the path is determined.</summary>
    public DerivationOutputKind Kind => (HashAlgorithm.Length > 0, Hash) switch
    {
        (true, "impure") => DerivationOutputKind.Impure,
        (true, "") => DerivationOutputKind.Floating,
        (true, _) => DerivationOutputKind.Fixed,
        _ => Path is null ? DerivationOutputKind.Deferred : DerivationOutputKind.InputAddressed,
    };

    /// <summary>The content address of a fixed output; null for other kinds.</summary>
    public ContentAddress? ContentAddress
    {
        get
        {
            if (Kind != DerivationOutputKind.Fixed)
            {
                return null;
            }

            var colon = HashAlgorithm.LastIndexOf(':') + 1;
            var method = HashAlgorithm[..colon] switch
            {
                "r:" => ContentAddressMethod.Nar,
                "git:" => ContentAddressMethod.Git,
                "text:" => ContentAddressMethod.Text,
                "" => ContentAddressMethod.Flat,
                _ => (ContentAddressMethod?)null,
            };
            return method is { } known && NixHash.TryParseAlgorithm(HashAlgorithm.AsSpan(colon), out var algorithm)
                && NixHash.TryParseDigest(algorithm, Hash, out var hash) ? new ContentAddress(known, hash) : null;
        }
    }
}
