namespace NixStore.Engine.Transfer;

/// <summary>What an import did with one path.</summary>
/// <param name="Path">The path, which is valid now.</param>
/// <param name="WasValid">True when the store had it before, so that nothing was written.</param>
/// <param name="NarSize">Bytes of its NAR.</param>
public sealed record ImportedPath(StorePath Path, bool WasValid, long NarSize);
