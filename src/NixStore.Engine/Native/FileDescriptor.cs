using System.Runtime.InteropServices;

namespace NixStore.Engine.Native;

/// <summary>An open file descriptor that remembers what it was opened as, so that errors can name it.</summary>
public sealed class FileDescriptor : SafeHandle
{
    /// <summary>AT_FDCWD: names are relative to the working directory (or absolute).</summary>
    public static readonly FileDescriptor WorkingDirectory = new(-100, "", ownsHandle: false);

    // Put together only when somebody asks: hundreds of thousands are opened for each that is ever named in an error.
    private readonly FileDescriptor? _directory;
    private readonly byte[]? _name;
    private string? _path;

    internal FileDescriptor(int descriptor, string path, bool ownsHandle = true)
        : base(-1, ownsHandle)
    {
        SetHandle(descriptor);
        _path = path;
    }

    /// <summary>Of a name that was opened in a directory.</summary>
    internal FileDescriptor(int descriptor, FileDescriptor directory, ReadOnlySpan<byte> name)
        : base(-1, ownsHandle: true)
    {
        SetHandle(descriptor);
        (_directory, _name) = (directory, name.ToArray());
    }

    /// <summary>The path it was opened by, for messages.</summary>
    public string Path => _path ??= _directory!.Combine(_name);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == -1;

    /// <summary>The number. The caller keeps this object alive while using it.</summary>
    internal int Number => (int)handle;

    /// <summary>The path of a name in this directory, for messages.</summary>
    public string Combine(ReadOnlySpan<byte> name)
    {
        var text = ByteName.ToDisplay(name);
        return Path.Length == 0 || text.StartsWith('/') ? text : text.Length == 0 ? Path : $"{Path}/{text}";
    }

    /// <summary>
    /// Set where a lock of the whole file is taken by this descriptor. Closing is not enough to give it back: a process that another thread is
    /// just starting has copies of all descriptors until it is the other program, and the lock is theirs as well.
    /// </summary>
    internal bool HasLock { get; set; }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        if (HasLock)
        {
            _ = Libc.Flock((int)handle, Posix.LockUnlock);
        }

        return Libc.Close((int)handle) == 0;
    }
}
