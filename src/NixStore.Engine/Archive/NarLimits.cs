namespace NixStore.Engine.Archive;

/// <summary>What an archive or tree may look like before it is refused.</summary>
/// <param name="MaximumDepth">Nodes with this many directories above them, or more, are refused; the root has none.</param>
/// <param name="MaximumNameLength">The longest entry name in bytes.</param>
/// <param name="MaximumTargetLength">The longest symlink target in bytes.</param>
public sealed record NarLimits(int MaximumDepth, int MaximumNameLength = 255, int MaximumTargetLength = 4095)
{
    /// <summary>The limits of Nix 2.34 (STORE-SPEC §5): for everything that comes from outside, since Nix could not read it back.</summary>
    public static readonly NarLimits Nix = new(64);

    /// <summary>
    /// For what a store has already: Nix before 2.34 made paths of any depth, and they must still be hashed. Bounded only because
    /// every level holds a descriptor open.
    /// </summary>
    public static readonly NarLimits Existing = new(4096);
}
