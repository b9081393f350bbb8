namespace NixStore.Engine.Archive;

/// <summary>What each thing takes in an archive, in bytes: the size of an archive follows from sizes and names, no contents need be read.</summary>
internal static class NarSizes
{
    /// <summary>What every archive begins with.</summary>
    internal static readonly long Beginning = NarFormat.Magic.Length;

    /// <summary>A directory without its entries.</summary>
    internal static readonly long Directory = NarFormat.BeginDirectory.Length + NarFormat.Close.Length;

    /// <summary>What an entry of a directory adds to what it is the name of.</summary>
    internal static long Entry(int nameLength) => NarFormat.BeginEntry.Length + Text(nameLength) + NarFormat.Node.Length + NarFormat.Close.Length;

    /// <summary>A regular file.</summary>
    internal static long Regular(bool isExecutable, long size)
        => (isExecutable ? NarFormat.BeginExecutable : NarFormat.BeginRegular).Length + Text(size) + NarFormat.Close.Length;

    /// <summary>A symbolic link.</summary>
    internal static long Symlink(long targetLength) => NarFormat.BeginSymlink.Length + Text(targetLength) + NarFormat.Close.Length;

    private static long Text(long length) => NarFormat.LengthSize + length + NarFormat.Padding(length);
}
