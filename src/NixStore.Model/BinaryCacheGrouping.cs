namespace NixStore;

/// <summary>By what Measure-BinaryCache makes groups.</summary>
public enum BinaryCacheGrouping
{
    /// <summary>One group of all narinfos.</summary>
    None,
    /// <summary>Months of the narinfos' last change, UTC, such as <c>2026-01</c>.</summary>
    Month,
    /// <summary>Names of packages, split off the version as Nix does.</summary>
    PackageName,
    /// <summary>Systems.</summary>
    System,
    /// <summary>Compressions.</summary>
    Compression,
    /// <summary>Storage classes of all objects.</summary>
    StorageClass,
    /// <summary>What the objects are: narinfos, NARs, listings, logs and so on.</summary>
    Kind,
    /// <summary>Narinfos that are roots, those that roots lead to, and the others.</summary>
    Reachability,
}
