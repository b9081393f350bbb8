using NixStore.Engine.Native;

namespace NixStore.Engine.Archive;

/// <summary>A file as a <see cref="NarObserver"/> sees it; valid during the call only.</summary>
public readonly unsafe ref struct NarFile
{
    private readonly ref readonly FileStatus _status;
    private readonly int _descriptor;
    private readonly int _directory;
    private readonly ReadOnlySpan<byte> _name;

    internal NarFile(ReadOnlySpan<byte> path, in FileStatus status, int descriptor, int directory, ReadOnlySpan<byte> name)
    {
        RelativePath = path;
        _status = ref status;
        _descriptor = descriptor;
        _directory = directory;
        _name = name;
    }

    /// <summary>Path below the root of the tree, no NUL; empty for the root.</summary>
    public ReadOnlySpan<byte> RelativePath { get; }

    /// <summary>Type, mode, owner, times, size, links, inode.</summary>
    public ref readonly FileStatus Status => ref _status;

    /// <summary>The open file or directory; -1 for a symbolic link.</summary>
    internal int Descriptor => _descriptor;

    /// <summary>The open directory that a symbolic link is in.</summary>
    internal int Directory => _directory;

    /// <summary>The name of a symbolic link in <see cref="Directory"/>, without a NUL.</summary>
    internal ReadOnlySpan<byte> LinkName => _name;

    /// <summary>
    /// Writes the NUL-terminated names of its extended attributes into <paramref name="list"/>: one system call, no allocation.
    /// </summary>
    /// <returns>Bytes written; 0 for none or where the file system has no attributes; -1 when it fails or they are too many.</returns>
    public int ListExtendedAttributes(Span<byte> list)
    {
        nint length;
        fixed (byte* buffer = list)
        {
            if (_descriptor >= 0)
            {
                length = Libc.Flistxattr(_descriptor, buffer, list.Length);
            }
            else
            {
                // A symbolic link has no descriptor that flistxattr takes; its path through the open directory cannot be led astray.
                var path = ByteName.From([.. System.Text.Encoding.ASCII.GetBytes($"/proc/self/fd/{_directory}/"), .. _name]);
                fixed (byte* pointer = path)
                {
                    length = Libc.Llistxattr(pointer, buffer, list.Length);
                }
            }
        }

        return length < 0 && System.Runtime.InteropServices.Marshal.GetLastPInvokeError() == Errno.NotSupported ? 0 : (int)length;
    }
}
