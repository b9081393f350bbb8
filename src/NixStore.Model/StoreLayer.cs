namespace NixStore;

/// <summary>In which layers of an overlay store the files of a path are.</summary>
public enum StoreLayer
{
    /// <summary>In the upper layer only: the overlay store's own.</summary>
    Upper,

    /// <summary>In the lower store only.</summary>
    Lower,

    /// <summary>In both: what is seen is the upper one.</summary>
    Both,
}
