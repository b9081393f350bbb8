namespace NixStore.Catalog.Graph;

/// <summary>Where the narinfos of a graph come from: a table in parts, which are read beside each other.</summary>
internal interface IReferenceSource
{
    /// <summary>What errors call it.</summary>
    string Name { get; }

    /// <summary>Its parts, always the same ones in the same order.</summary>
    IReadOnlyList<IReferencePart> Parts { get; }
}
