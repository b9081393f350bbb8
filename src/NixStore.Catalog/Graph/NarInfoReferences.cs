using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Graph;

/// <summary>The narinfos of a catalog as the source of its graph.</summary>
/// <param name="catalog">The catalog.</param>
internal sealed class NarInfoReferences(CacheCatalog catalog) : IReferenceSource
{
    /// <inheritdoc/>
    public string Name => $"the narinfos of '{catalog}'";

    /// <inheritdoc/>
    public IReadOnlyList<IReferencePart> Parts { get; } =
        [.. catalog.Manifest[CatalogTable.NarInfos].Parts.Zip(catalog.PathsOf(CatalogTable.NarInfos), (part, path) => new NarInfoPart(path, part.Rows, SpillDirectory.For(catalog.Directory)))];
}
