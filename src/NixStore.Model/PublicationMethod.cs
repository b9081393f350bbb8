namespace NixStore;

/// <summary>How a path of an overlay store came into the lower store.</summary>
public enum PublicationMethod
{
    /// <summary>It was valid there before, with the same hash.</summary>
    Present,

    /// <summary>Its files were there, but the database did not know of them.</summary>
    Registered,

    /// <summary>Its files are copies that share their blocks with those of the upper layer (reflinks).</summary>
    Cloned,

    /// <summary>Its files were copied.</summary>
    Copied,
}
