namespace NixStore;

/// <summary>Ways in which something of a binary cache hangs in the air.</summary>
public enum BinaryCacheOrphanKind
{
    /// <summary>A narinfo that Hydra's buildstepoutputs does not know.</summary>
    UnknownToHydra,
    /// <summary>A NAR that no narinfo names.</summary>
    NarWithoutNarInfo,
    /// <summary>A narinfo whose NAR is not there.</summary>
    NarInfoWithoutNar,
    /// <summary>A narinfo that refers to paths that are not there.</summary>
    DanglingReference,
}
