namespace NixStore.Engine.Archive;

/// <summary>What <see cref="NarRestorer"/> made.</summary>
/// <param name="Hash">SHA-256 and size of the archive that was read.</param>
/// <param name="Files">Regular files, directories and symbolic links.</param>
/// <param name="ContentBytes">Bytes of contents of regular files.</param>
public sealed record RestoredNar(NarHash Hash, long Files, long ContentBytes);
