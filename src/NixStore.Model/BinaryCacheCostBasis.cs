namespace NixStore;

/// <summary>Of what the costs of a binary cache were computed.</summary>
public enum BinaryCacheCostBasis
{
    /// <summary>Objects of the last inventory or listing, each with its storage class and size.</summary>
    Objects,
    /// <summary>What narinfos say of their NARs, as if all were in the class STANDARD, because the catalog knows of no objects.</summary>
    NarInfos,
}
