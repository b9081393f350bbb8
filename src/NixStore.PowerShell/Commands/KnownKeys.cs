using NixStore.Engine.Signatures;
using NixStore.Engine.Stores;

namespace NixStore.PowerShell.Commands;

/// <summary>The keys that nix.conf trusts, where they only save work: what they have signed need not be looked for in contents.</summary>
internal static class KnownKeys
{
    /// <summary>Reads them; none where nix.conf is unreadable: then more is read.</summary>
    public static TrustedKeys Read()
    {
        try
        {
            return TrustedKeys.Parse(NixConfiguration.Load().TrustedPublicKeys);
        }
        catch (NixStoreException)
        {
            return TrustedKeys.None;
        }
    }
}
