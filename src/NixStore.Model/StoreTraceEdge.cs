namespace NixStore;

/// <summary>How one path of a chain keeps the next.</summary>
public enum StoreTraceEdge
{
    /// <summary>It refers to it.</summary>
    Reference,
    /// <summary>It was built from it (keep-derivations).</summary>
    Deriver,
    /// <summary>It is a derivation, and the next is one of its outputs (keep-outputs).</summary>
    Output,
}
