using NixStore.Engine.Native;

namespace NixStore.Engine.Archive;

/// <summary>What <see cref="NarDumper"/> takes instead of what is in the tree; see <see cref="NarSubstitutions"/>.</summary>
public abstract record NarReplacement
{
    private NarReplacement()
    {
    }

    /// <summary>As if there were nothing.</summary>
    public sealed record Absent : NarReplacement;

    /// <summary>A regular file with the contents of an open file, read from its beginning without moving its position.</summary>
    public sealed record OpenFile(FileDescriptor Source, bool IsExecutable) : NarReplacement;

    /// <summary>A regular file with given contents.</summary>
    public sealed record Contents(ReadOnlyMemory<byte> Bytes, bool IsExecutable) : NarReplacement;

    /// <summary>The same regular file with another executable bit.</summary>
    public sealed record ExecutableBit(bool IsExecutable) : NarReplacement;

    /// <summary>A symbolic link.</summary>
    public sealed record Link(ByteString Target) : NarReplacement;

    /// <summary>An empty directory.</summary>
    public sealed record EmptyDirectory : NarReplacement;

    /// <summary>Whatever is at a NUL-terminated name in another directory, with everything below.</summary>
    public sealed record Tree(FileDescriptor Directory, byte[] Name) : NarReplacement;
}
