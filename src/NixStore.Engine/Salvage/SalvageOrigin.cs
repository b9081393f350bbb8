namespace NixStore.Engine.Salvage;

/// <summary>How something was found in a damaged database, the most trustworthy first.</summary>
public enum SalvageOrigin
{
    /// <summary>In the tree of its table, as SQLite itself would find it.</summary>
    Tree,

    /// <summary>In the tree of an index of its table only: the table has lost it.</summary>
    Index,

    /// <summary>In a page that no tree leads to and that is not free either: the way to it was lost.</summary>
    OrphanedPage,

    /// <summary>
    /// In a frame of the write-ahead log that SQLite does not use: behind a damaged frame, never committed, or left from before the last checkpoint.
    /// </summary>
    LogRemains,

    /// <summary>In a page that is free: it was deleted, or moved elsewhere.</summary>
    FreePage,
}
