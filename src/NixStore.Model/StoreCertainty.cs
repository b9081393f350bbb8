namespace NixStore;

/// <summary>How sure one column of a rebuilt row is; the higher, the surer.</summary>
public enum StoreCertainty
{
    /// <summary>The store itself does not say: the column is left empty.</summary>
    Unknown,
    /// <summary>The best that the files say. Nothing contradicts it, but nothing proves it either.</summary>
    Assumed,
    /// <summary>The files leave room for no other value, or two that do not know of each other agree.</summary>
    Certain,
    /// <summary>The path's own name, which is made of it, or a trusted signature vouches for it.</summary>
    Proved,
}
