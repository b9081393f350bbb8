namespace NixStore.Engine.Graph;

/// <summary>A row of table Refs of which at least one end has no row in ValidPaths.</summary>
/// <param name="ReferrerRow">Id of the referrer's row.</param>
/// <param name="ReferenceRow">Id of the reference's row.</param>
/// <param name="Referrer">Node of the referrer, or -1.</param>
/// <param name="Reference">Node of the reference, or -1.</param>
public readonly record struct DanglingReference(long ReferrerRow, long ReferenceRow, int Referrer, int Reference);
