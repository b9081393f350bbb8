using NixStore.Engine.Archive;

namespace NixStore.Engine.Diagnosis;

/// <summary>What a repair can do to one entry of a damaged tree without anybody's contents.</summary>
public enum TreeEditKind
{
    /// <summary>Give a regular file its executable bit back.</summary>
    SetExecutable,
    /// <summary>Take the executable bit away.</summary>
    ClearExecutable,
    /// <summary>Remove an entry that does not belong there.</summary>
    Remove,
}

/// <summary>One edit.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Path">Relative path in the store object.</param>
public sealed record TreeEdit(TreeEditKind Kind, ByteString Path)
{
    /// <summary>The edit as a supposition for hashing.</summary>
    internal NarReplacement ToReplacement() => Kind switch
    {
        TreeEditKind.Remove => new NarReplacement.Absent(),
        _ => new NarReplacement.ExecutableBit(Kind == TreeEditKind.SetExecutable),
    };

    /// <summary>The problem that the edit mends.</summary>
    internal StorePathProblem ToProblem() => Kind == TreeEditKind.Remove
        ? new StorePathProblem(StoreProblemKind.ExtraEntry, Path.ToString(), Detail: "does not belong there: without it the hash is right")
        : new StorePathProblem(StoreProblemKind.ExecutableChanged, Path.ToString(),
            Detail: $"{(Kind == TreeEditKind.SetExecutable ? "lost its" : "has an")} executable bit: with it changed the hash is right");
}
