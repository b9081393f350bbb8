namespace NixStore.Catalog.Pruning.Plans;

/// <summary>A reference that a path which stays loses: a row of the table <c>dangling</c>.</summary>
/// <param name="HashPart">Of the path that stays.</param>
/// <param name="Name">What follows it.</param>
/// <param name="Reference">The hash part of what goes.</param>
public sealed record PlannedDangling(string HashPart, string Name, string Reference);
