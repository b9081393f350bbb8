namespace NixStore.Catalog.Pruning.Objects;

/// <summary>What came of an object that was to be deleted.</summary>
internal enum DeletionKind
{
    /// <summary>It is gone now.</summary>
    Deleted,
    /// <summary>It was gone already.</summary>
    Gone,
    /// <summary>It is another one than was expected, and still there.</summary>
    Changed,
    /// <summary>The server did not delete it.</summary>
    Failed,
}

/// <summary>What came of an object that was to be deleted.</summary>
/// <param name="Kind">What.</param>
/// <param name="Marker">The version of the delete marker that hides it now.</param>
/// <param name="Reason">Why it failed.</param>
internal sealed record DeletionOutcome(DeletionKind Kind, string? Marker = null, string? Reason = null);
