namespace NixStore.Engine.Upkeep;

/// <summary>Something that is mounted.</summary>
/// <param name="Point">Where.</param>
/// <param name="Type">The kind of file system.</param>
/// <param name="Source">What.</param>
/// <param name="IsFileSystemReadOnly">True when the file system itself is read-only, and not only this mount of it.</param>
internal sealed record Mount(string Point, string Type, string Source, bool IsFileSystemReadOnly);
