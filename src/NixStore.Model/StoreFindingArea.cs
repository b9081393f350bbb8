namespace NixStore;

/// <summary>The part of a store that a finding is about.</summary>
public enum StoreFindingArea
{
    /// <summary>The file system that the store lies on: its mounts, and the room left.</summary>
    Disk,
    /// <summary>The database and the files beside it.</summary>
    Database,
    /// <summary>A store path, its files or its row; or an entry of the store directory that is none.</summary>
    Path,
    /// <summary>The directory <c>.links</c> of an optimised store.</summary>
    Link,
    /// <summary>Roots of the garbage collector, permanent and temporary.</summary>
    Root,
    /// <summary>What else lies in the state directory.</summary>
    State,
}
