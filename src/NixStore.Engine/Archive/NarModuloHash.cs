namespace NixStore.Engine.Archive;

/// <summary>The hashes of an archive modulo references to itself; see <see cref="HashModuloSink"/> for why there are two.</summary>
/// <param name="WithPositions">As Nix computes it up to 2.16 and from 2.35 on.</param>
/// <param name="WithoutPositions">As Nix 2.17 to 2.34 computes it; the same when there are no references.</param>
/// <param name="Size">Length of the archive.</param>
public sealed record NarModuloHash(NixHash WithPositions, NixHash WithoutPositions, long Size)
{
    /// <summary>True when <paramref name="hash"/> is what any version of Nix has computed for the archive.</summary>
    public bool Matches(NixHash hash) => WithPositions.Equals(hash) || WithoutPositions.Equals(hash);
}
