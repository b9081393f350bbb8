namespace NixStore.Engine.Rebuilding;

/// <summary>A content address that the contents have and that gives the path's name, which is made of the references as well.</summary>
/// <param name="Address">The address.</param>
/// <param name="References">The references, itself included when it refers to itself.</param>
internal sealed record ProvedAddress(ContentAddress Address, IReadOnlyList<StorePath> References);
