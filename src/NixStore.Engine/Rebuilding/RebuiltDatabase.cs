namespace NixStore.Engine.Rebuilding;

/// <summary>A database that was made anew, and what is known of it.</summary>
/// <param name="File">The new file, complete and on the disk; to be put in the place of the old one by whoever holds the big lock.</param>
/// <param name="Rows">What is certain and what assumed of each row, in the order of the rows.</param>
/// <param name="Omitted">Entries of the store directory that got no row.</param>
public sealed record RebuiltDatabase(string File, IReadOnlyList<StoreRowCertainty> Rows, IReadOnlyList<StoreRowOmission> Omitted);
