using System.Text;
using NixStore.Engine.Archive;
using NixStore.Engine.Native;

namespace NixStore.Engine.Tests.Support;

/// <summary>A directory for one test. Names may be any bytes, and everything below is removed whatever its modes.</summary>
internal sealed class WorkDirectory : IDisposable
{
    public WorkDirectory()
    {
        Path = System.IO.Directory.CreateTempSubdirectory("nixstore-test-").FullName;
        Descriptor = Posix.Open(Path, OpenFlags.ReadOnly | OpenFlags.Directory);
    }

    public string Path { get; }

    public FileDescriptor Descriptor { get; }

    /// <summary>Makes a regular file of a path relative to the directory.</summary>
    public void File(string path, string contents = "", int mode = 0b110_100_100) => File(path, Encoding.UTF8.GetBytes(contents), mode);

    public void File(string path, byte[] contents, int mode = 0b110_100_100) => File(ByteName.From(path), contents, mode);

    public void File(byte[] path, byte[] contents, int mode = 0b110_100_100)
    {
        using var file = Posix.OpenAt(Descriptor, path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive, mode);
        Posix.WriteAll(file, contents);
    }

    public void Folder(string path) => Posix.MkdirAt(Descriptor, ByteName.From(path), 0b111_101_101);

    public void Link(string path, string target) => Posix.SymlinkAt(ByteName.From(target), Descriptor, ByteName.From(path));

    public bool Exists(string path) => Posix.TryStatusAt(Descriptor, ByteName.From(path), out _, out _);

    public FileStatus Status(string path) => Posix.StatusAt(Descriptor, ByteName.From(path));

    public void Dispose()
    {
        Descriptor.Dispose();
        TreeRemover.Remove(FileDescriptor.WorkingDirectory, ByteName.From(Path));
    }
}
