namespace NixStore;

/// <summary>Why an entry of a store directory got no row when the database was rebuilt.</summary>
public enum StoreOmissionReason
{
    /// <summary>Not a name that Nix gives.</summary>
    Foreign,
    /// <summary>Lock files, chroots, checks, staging directories: what interrupted work leaves behind.</summary>
    Leftover,
    /// <summary>
    /// Not one file in it has the mode or the time that Nix gives to all files before it registers them, nothing proves it, and nothing
    /// refers to it: a build that did not finish.
    /// </summary>
    NeverRegistered,
    /// <summary>A derivation that Nix would not have registered: its outputs are not those that it must have.</summary>
    InvalidDerivation,
    /// <summary>Its own name, or the derivation that makes it, proves that the contents are wrong, and nothing says what the right ones hash to.</summary>
    Damaged,
    /// <summary>It cannot be read, or no NAR can hold it.</summary>
    Unreadable,
}
