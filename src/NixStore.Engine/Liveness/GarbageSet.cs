using NixStore.Engine.Graph;

namespace NixStore.Engine.Liveness;

/// <summary>All garbage of a store.</summary>
/// <param name="Graph">The store it is of.</param>
/// <param name="Items">The garbage, in an order in which it can go.</param>
/// <param name="Cyclic">Paths that are dead but refer to each other in a circle, or are referred to by such: only a damaged database has them.</param>
public sealed record GarbageSet(StoreGraph Graph, IReadOnlyList<GarbageItem> Items, IReadOnlyList<int> Cyclic);
