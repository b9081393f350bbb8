using NixStore.Engine.Signatures;
using NixStore.Engine.Stores;
using NixStore.Engine.Transfer;

namespace NixStore.PowerShell.Commands;

/// <summary>What -TrustedPublicKey and -SkipSignatureCheck mean together with nix.conf.</summary>
internal static class TrustParameters
{
    /// <summary>Keys that are given count alone; otherwise those of nix.conf do, unless its <c>require-sigs</c> wants none.</summary>
    /// <exception cref="NixStoreException">InvalidPublicKey, InvalidNixConfiguration</exception>
    public static ImportTrust ToTrust(string[]? trustedPublicKeys, bool skipSignatureCheck)
    {
        if (skipSignatureCheck)
        {
            return ImportTrust.Everything;
        }

        if (trustedPublicKeys is not null)
        {
            return new ImportTrust(TrustedKeys.Parse(trustedPublicKeys));
        }

        var configuration = NixConfiguration.Load();
        return configuration.Get("require-sigs") == "false"
            ? ImportTrust.Everything : new ImportTrust(TrustedKeys.Parse(configuration.TrustedPublicKeys));
    }
}
