using NixStore.Engine.Signatures;

namespace NixStore.Engine.Transfer;

/// <summary>
/// Whether what a source says of a path is believed (Nix libstore/path-info.cc:checkSignatures). A path that its content address proves needs
/// nobody's word. "Built here" is never believed of another store: it was not built here.
/// </summary>
/// <param name="Keys">Whose signatures count.</param>
/// <param name="SkipSignatureCheck">Believe everything.</param>
public sealed record ImportTrust(TrustedKeys Keys, bool SkipSignatureCheck = false)
{
    /// <summary>Believes everything: for sources that are the caller's own.</summary>
    public static ImportTrust Everything { get; } = new(TrustedKeys.None, SkipSignatureCheck: true);

    /// <summary>Raises an error when nobody vouches for a path.</summary>
    /// <param name="info">What the source says.</param>
    /// <param name="directory">The logical store directory.</param>
    /// <param name="source">The source, for the message.</param>
    /// <exception cref="NixStoreException">UntrustedPath</exception>
    public void Check(ValidPathInfo info, StoreDirectory directory, string source)
    {
        if (SkipSignatureCheck || IsProved(info, directory) || Keys.Verifies(info, directory, out _))
        {
            return;
        }

        var names = string.Join(", ", info.Signatures.Select(signature => signature.KeyName).Distinct());
        throw new NixStoreException("UntrustedPath", StoreErrorKind.Security,
            $"'{directory.Print(info.Path)}' from {source} has no valid signature by a trusted key ({(names.Length == 0 ? "it has none at all" : "signed by " + names)}).",
            directory.Print(info.Path),
            "Name the key (-TrustedPublicKey), have the path signed (Add-StorePathSignature), or, if the source is your own, give -SkipSignatureCheck.");
    }

    /// <summary>The contents will be hashed against the content address; what cannot be computed here proves nothing.</summary>
    private static bool IsProved(ValidPathInfo info, StoreDirectory directory)
        => info.ContentAddress is { } address && ContentAddressHash.IsSupported(address)
            && new StorePathFactory(directory).Proves(info.Path, address, info.References);
}
