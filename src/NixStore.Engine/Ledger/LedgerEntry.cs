namespace NixStore.Engine.Ledger;

/// <summary>What a ledger remembers of a path, its files left out.</summary>
/// <param name="Looked">When its contents were last read, Unix seconds.</param>
/// <param name="Intact">When they were last found to be right, Unix seconds; null for never.</param>
/// <param name="IsBroken">True when they were not, the last time.</param>
/// <param name="NarHash">The SHA-256 with which they were right; null for never.</param>
internal sealed record LedgerEntry(long Looked, long? Intact, bool IsBroken, byte[]? NarHash)
{
    /// <summary>True when the path was found intact with a hash.</summary>
    internal bool IsOf(NixHash? hash)
        => NarHash is not null && hash is { Algorithm: NixHashAlgorithm.Sha256 } && hash.Bytes.SequenceEqual(NarHash);
}
