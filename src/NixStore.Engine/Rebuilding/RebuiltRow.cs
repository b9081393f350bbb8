using NixStore.Engine.Database;

namespace NixStore.Engine.Rebuilding;

/// <summary>A row that was made from files, and how sure it is.</summary>
/// <param name="Row">All of the row.</param>
/// <param name="Certainty">What is known of it and what assumed.</param>
public sealed record RebuiltRow(ForgottenRow Row, StoreRowCertainty Certainty);
