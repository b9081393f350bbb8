using NixStore.Engine.Database;
using NixStore.Engine.Signatures;

namespace NixStore.Engine.Verification;

/// <summary>
/// Whether somebody vouches for what a row says: the store itself (ultimate), the path's own name (content address) or a trusted key.
/// As <c>nix store verify</c> has it (Nix cmd/verify.cc).
/// </summary>
/// <param name="keys">Whose signatures are believed.</param>
/// <param name="directory">The logical store directory, which is part of what is signed.</param>
public sealed class TrustCheck(TrustedKeys keys, StoreDirectory directory)
{
    private readonly StorePathFactory _paths = new(directory);

    /// <summary>The problem of a row that nobody vouches for; null when somebody does.</summary>
    public StorePathProblem? Check(PathRow row, ParsedRow parsed)
    {
        if (row.Ultimate is not null and not 0 || IsProved(parsed))
        {
            return null;
        }

        var by = parsed.Signatures.Count == 0 ? "it has no signature"
            : $"none of its signatures holds and is by a trusted key: {string.Join(", ", parsed.Signatures.Select(signature => signature.KeyName))}";
        return new StorePathProblem(StoreProblemKind.Untrusted, Detail: by);
    }

    /// <summary>True when hash, size and references of a row are beyond doubt: by the content address, or by a trusted signature.</summary>
    public bool IsProved(ParsedRow parsed)
    {
        if (parsed.Path is null)
        {
            return false;
        }

        if (parsed.ContentAddress is not null && _paths.Proves(parsed.Path, parsed.ContentAddress, parsed.References))
        {
            return true;
        }

        return parsed is { NarHash: not null, NarSize: not null } && keys.Verifies(
            new ValidPathInfo
            {
                Path = parsed.Path,
                NarHash = parsed.NarHash,
                NarSize = parsed.NarSize.Value,
                References = parsed.References,
                Signatures = parsed.Signatures,
            },
            directory, out _);
    }
}
