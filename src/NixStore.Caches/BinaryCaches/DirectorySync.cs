using System.Runtime.InteropServices;

namespace NixStore.Caches.BinaryCaches;

/// <summary>Makes a rename durable: .NET cannot open a directory in order to sync it.</summary>
internal static partial class DirectorySync
{
    private const int NotSupportedByFileSystem = 22; // EINVAL

    public static void Flush(string directory)
    {
        var descriptor = open(directory, 0);
        if (descriptor < 0)
        {
            throw Error(directory);
        }

        try
        {
            if (fsync(descriptor) != 0 && Marshal.GetLastPInvokeError() != NotSupportedByFileSystem)
            {
                throw Error(directory);
            }
        }
        finally
        {
            _ = close(descriptor);
        }
    }

    private static IOException Error(string directory)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{Marshal.GetPInvokeErrorMessage(error)} : '{directory}'", error);
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
