namespace NixStore.Engine.Native;

/// <summary>
/// Takes away what keeps even root from changing a file (chattr +i, +a). Only for files that are about to be replaced or removed, and the
/// directories they are in.
/// </summary>
internal static class ImmutableFlag
{
    private static readonly int s_flags = OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NonBlocking | OpenFlags.NoAccessTime;

    /// <summary>Clears it on an open file or directory that has it.</summary>
    /// <exception cref="StoreIOException"/>
    internal static void Clear(FileDescriptor file)
    {
        if (Posix.Status(file).IsImmutable)
        {
            Posix.ClearImmutable(file);
        }
    }

    /// <summary>Clears it on what has a name, if anything has.</summary>
    /// <returns>True when it was set.</returns>
    /// <exception cref="StoreIOException"/>
    internal static bool Clear(FileDescriptor directory, ReadOnlySpan<byte> name)
    {
        if (!Posix.TryStatusAt(directory, name, out var status, out _) || !status.IsImmutable)
        {
            return false;
        }

        using var file = Posix.OpenAt(directory, name, s_flags);
        Posix.ClearImmutable(file);
        return true;
    }
}
