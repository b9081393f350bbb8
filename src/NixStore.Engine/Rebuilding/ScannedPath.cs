using NixStore.Engine.Archive;

namespace NixStore.Engine.Rebuilding;

/// <summary>What the files of a path say by themselves.</summary>
internal sealed record ScannedPath
{
    /// <summary>The path.</summary>
    internal required StorePath Path { get; init; }

    /// <summary>Hash and size of its NAR as it is.</summary>
    internal required NarHash Nar { get; init; }

    /// <summary>Paths whose hash parts its contents mention, sorted; not looked for where the path can have no references.</summary>
    internal required IReadOnlyList<StorePath> Found { get; init; }

    /// <summary>True when some derivation claims it as its output: no other content address than the one it gives was looked for.</summary>
    internal required bool IsClaimed { get; init; }

    /// <summary>The content address that the contents have and the name proves; null when there is none, or they do not have it.</summary>
    internal ProvedAddress? Address { get; init; }

    /// <summary>The content address that a derivation demands and the name proves, but the contents do not have.</summary>
    internal ContentAddress? Contradicted { get; init; }

    /// <summary>False when <see cref="Address"/> is of a kind that cannot be computed: it is the right one, but whether the contents have it is open.</summary>
    internal bool HasCheckedAddress { get; init; } = true;

    /// <summary>See <see cref="TreeFacts.ChangeTime"/>.</summary>
    internal required DateTimeOffset ChangeTime { get; init; }

    /// <summary>See <see cref="TreeFacts.WasCanonicalised"/>.</summary>
    internal required bool WasCanonicalised { get; init; }

    /// <summary>See <see cref="TreeFacts.IsEmptied"/>.</summary>
    internal required bool IsEmptied { get; init; }
}
