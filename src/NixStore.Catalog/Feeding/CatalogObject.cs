namespace NixStore.Catalog.Feeding;

/// <summary>A narinfo that is to be read: what the listing says of it.</summary>
/// <param name="HashPart">The 32 characters in front of <c>.narinfo</c>.</param>
/// <param name="ETag">Its state, as the table <c>objects</c> has it; null when the listing does not say.</param>
/// <param name="LastModified">When it was written.</param>
public sealed record CatalogObject(string HashPart, string? ETag, DateTimeOffset? LastModified)
{
    /// <summary>Its name in the cache.</summary>
    public string Key => HashPart + ".narinfo";
}
