namespace NixStore;

/// <summary>How many candidates of a plan stay for a reason.</summary>
/// <param name="Reason">The first reason that holds.</param>
/// <param name="Paths">So many.</param>
public sealed record PrunePlanKept(PruneKeepReason Reason, long Paths);

/// <summary>Why a candidate stays in the cache; in the order in which they are looked at.</summary>
public enum PruneKeepReason
{
    /// <summary>It or its NAR is too young, or nobody knows its age.</summary>
    TooYoung,
    /// <summary>It is a fixed output.</summary>
    FixedOutput,
    /// <summary>It is a root, or a root leads to it.</summary>
    Root,
    /// <summary>It is of a class that is protected.</summary>
    Protected,
    /// <summary>A path that stays refers to it, maybe through others.</summary>
    Referenced,
}
