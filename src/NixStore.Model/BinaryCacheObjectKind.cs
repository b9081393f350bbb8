namespace NixStore;

/// <summary>What an object of a binary cache is.</summary>
public enum BinaryCacheObjectKind
{
    /// <summary><c>HASH.narinfo</c></summary>
    NarInfo,
    /// <summary><c>HASH.ls</c>: the files of a path as a list.</summary>
    Listing,
    /// <summary><c>log/…</c>: the log of a build.</summary>
    Log,
    /// <summary><c>debuginfo/…</c>: where the symbols of a build id are.</summary>
    DebugInfo,
    /// <summary><c>realisations/…</c>: which path an output of a derivation has become.</summary>
    Realisation,
    /// <summary><c>build-trace-v2/…</c>: the same of newer versions of Nix.</summary>
    BuildTrace,
    /// <summary>What narinfos name as their URL, mostly <c>nar/…</c>.</summary>
    Nar,
}
