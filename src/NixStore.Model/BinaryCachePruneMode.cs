namespace NixStore;

/// <summary>What happens to the objects of a plan.</summary>
public enum BinaryCachePruneMode
{
    /// <summary>They are put aside and can be restored until the trash is cleared: as copies, as older versions, or renamed.</summary>
    Trash,
    /// <summary>They get a tag by which the bucket's lifecycle deletes them.</summary>
    Tag,
    /// <summary>They are put aside, and deleted for good when nothing can be using them any more.</summary>
    Delete,
}
