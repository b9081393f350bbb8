using NixStore.Engine.Database;
using NixStore.Engine.Native;

namespace NixStore.Engine.Salvage;

/// <summary>One of a database's files, of which parts may be unreadable or missing.</summary>
internal sealed class SalvageFile
{
    private readonly FileDescriptor? _file;

    private SalvageFile(FileDescriptor? file, long length) => (_file, Length) = (file, length);

    /// <summary>Length in bytes; 0 when there is no file.</summary>
    internal long Length { get; }

    /// <summary>True when there is such a file.</summary>
    internal bool Exists => _file is not null;

    /// <summary>Opens a file. One that is missing, or that is no regular file, is as good as empty.</summary>
    /// <exception cref="StoreIOException">It may not be opened.</exception>
    internal static SalvageFile Open(DatabaseFiles files, string path)
    {
        // Opening a fifo would wait for ever, so the type comes first.
        var isRegular = Posix.TryStatus(path, out var status, out var error)
            ? status.Type == FileType.Regular
            : error is Errno.NoEntry or Errno.NotDirectory ? false : throw new StoreIOException("open", path, error);
        return isRegular && files.Find(path) is { } file
            ? new SalvageFile(file.Descriptor, Posix.Status(file.Descriptor).Size)
            : new SalvageFile(null, 0);
    }

    /// <summary>Fills a buffer from an offset on; false when the file ends before that or the device fails.</summary>
    internal bool TryRead(long offset, Span<byte> buffer)
    {
        if (_file is null || offset + buffer.Length > Length)
        {
            return false;
        }

        try
        {
            while (buffer.Length > 0)
            {
                var count = Posix.Pread(_file, buffer, offset);
                if (count == 0)
                {
                    return false;
                }

                buffer = buffer[count..];
                offset += count;
            }

            return true;
        }
        catch (StoreIOException)
        {
            return false;
        }
    }
}
