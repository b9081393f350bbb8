using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace NixStore.Engine.Signatures;

/// <summary>A set of public keys whose signatures are believed. Several may have the same name. Immutable.</summary>
public sealed class TrustedKeys
{
    private readonly FrozenDictionary<string, NixPublicKey[]> _byName;

    /// <summary>Makes a set; duplicates count once.</summary>
    public TrustedKeys(IEnumerable<NixPublicKey> keys)
    {
        Keys = [.. keys.Distinct()];
        _byName = Keys.GroupBy(key => key.Name, StringComparer.Ordinal).ToFrozenDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);
    }

    /// <summary>Trusts nobody.</summary>
    public static TrustedKeys None { get; } = new([]);

    /// <summary>The keys.</summary>
    public IReadOnlyList<NixPublicKey> Keys { get; }

    /// <summary>Parses keys as in <c>trusted-public-keys</c>.</summary>
    /// <exception cref="NixStoreException">InvalidPublicKey</exception>
    public static TrustedKeys Parse(IEnumerable<string> keys) => new(keys.Select(NixPublicKey.Parse));

    /// <summary>True when one of the path's signatures is by a trusted key over exactly this metadata.</summary>
    /// <param name="info">The path; one without a NAR size has no valid signature.</param>
    /// <param name="directory">The logical store directory, which is part of what is signed.</param>
    /// <param name="by">The first signature that holds.</param>
    public bool Verifies(ValidPathInfo info, StoreDirectory directory, [NotNullWhen(true)] out StoreSignature? by)
    {
        by = null;
        if (info.NarSize <= 0)
        {
            return false;
        }

        byte[]? fingerprint = null;
        foreach (var signature in info.Signatures)
        {
            if (!_byName.TryGetValue(signature.KeyName, out var keys))
            {
                continue;
            }

            fingerprint ??= Encoding.UTF8.GetBytes(info.Fingerprint(directory));
            if (keys.Any(key => key.Verify(fingerprint, signature)))
            {
                by = signature;
                return true;
            }
        }

        return false;
    }
}
