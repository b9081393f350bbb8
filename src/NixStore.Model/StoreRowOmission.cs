namespace NixStore;

/// <summary>An entry of a store directory that got no row when the database was rebuilt.</summary>
/// <param name="Path">Full logical path; for what has no name of a store path, as if it had.</param>
/// <param name="Reason">Why.</param>
/// <param name="Detail">One sentence for people.</param>
public sealed record StoreRowOmission(string Path, StoreOmissionReason Reason, string Detail)
{
    /// <summary>True for what was a path of the store once, as far as can be seen: it is to be fetched or built again.</summary>
    public bool IsLoss => Reason is StoreOmissionReason.Damaged or StoreOmissionReason.Unreadable;

    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {Detail}";
}
