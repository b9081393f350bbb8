using System.Globalization;
using NixStore.Engine.Native;

namespace NixStore.Engine.Writing;

/// <summary>Writes a file that appears whole and durable under its name, or not at all; one that was there before stays until then.</summary>
public static class DurableFile
{
    private const int FileMode = 0b110_100_100;
    private const int BufferSize = 1 << 16;

    /// <summary>Writes it.</summary>
    /// <param name="path">The file; its directory exists.</param>
    /// <param name="write">Writes the contents.</param>
    /// <param name="mode">Its permissions; other than the usual ones they are set whatever the umask says.</param>
    /// <exception cref="StoreIOException"/>
    public static void Write(string path, Action<Stream> write, int mode = FileMode)
    {
        var full = Path.GetFullPath(path);
        using var directory = Posix.Open(Path.GetDirectoryName(full) ?? full, OpenFlags.ReadOnly | OpenFlags.Directory);
        var temporary = ByteName.From(string.Create(CultureInfo.InvariantCulture, $".nixstore-{Environment.ProcessId}-{Random.Shared.Next():x8}"));
        using var file = Posix.OpenAt(directory, temporary, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive, mode);
        try
        {
            using (var stream = new BufferedStream(new DescriptorStream(file), BufferSize))
            {
                write(stream);
            }

            if (mode != FileMode)
            {
                Posix.Fchmod(file, mode);
            }

            Posix.Fsync(file);
            Posix.RenameAt(directory, temporary, directory, ByteName.From(Path.GetFileName(full)));
        }
        catch
        {
            Posix.UnlinkAt(directory, temporary);
            throw;
        }

        Posix.Fsync(directory);
    }
}
