using System.Globalization;
using NixStore.Engine.Native;

namespace NixStore.Caches.BinaryCaches;

/// <summary>
/// A file that becomes visible whole or not at all: <c>&lt;file&gt;.tmp.&lt;pid&gt;.&lt;counter&gt;</c>, the name that Nix uses and that
/// those who clean caches know, until it is synced and renamed.
/// </summary>
internal sealed class TemporaryFile : IDisposable
{
    private static int s_counter;

    private readonly string _path;
    private bool _moved;

    public TemporaryFile(string target)
    {
        do
        {
            // The name may be a leftover's, or that of another host's process on a network file system.
            _path = string.Create(CultureInfo.InvariantCulture, $"{target}.tmp.{Environment.ProcessId}.{Interlocked.Increment(ref s_counter)}");
        }
        while (File.Exists(_path));
        Stream = new FileStream(_path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 64 << 10);
    }

    public FileStream Stream { get; }

    /// <summary>True of the name of a file that is not whole yet, or was left behind.</summary>
    public static bool IsNameOfOne(string name) => name.Contains(".tmp.", StringComparison.Ordinal);

    public FileStream OpenRead()
    {
        Stream.Flush();
        return new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
    }

    public void MoveTo(string target)
    {
        Stream.Flush(flushToDisk: true);
        Stream.Dispose();
        File.Move(_path, target, overwrite: true);
        _moved = true;
        // .NET cannot open a directory, and without this the rename may not survive a power cut.
        using var directory = Posix.Open(Path.GetDirectoryName(target)!, OpenFlags.ReadOnly | OpenFlags.Directory);
        Posix.Fsync(directory);
    }

    public void Dispose()
    {
        if (_moved)
        {
            return;
        }

        try
        {
            Stream.Dispose();
        }
        catch (IOException)
        {
            // The disk is full, which has been reported; what could not be written is thrown away anyway.
        }
        finally
        {
            File.Delete(_path);
        }
    }
}
