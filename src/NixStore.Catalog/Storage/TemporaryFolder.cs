using System.Globalization;
using NixStore.Engine.Native;

namespace NixStore.Catalog.Storage;

/// <summary>What is put into the directory for temporary files (TMPDIR): named after its process, so that what a killed one has left goes with the next one.</summary>
internal static class TemporaryFolder
{
    private const string Prefix = "nixstore-";
    private static int s_isCleaned;

    /// <summary>A path that nobody else uses; nothing is there yet. Whoever makes it removes it.</summary>
    /// <param name="purpose">What for, in a word.</param>
    internal static string New(string purpose)
    {
        if (Interlocked.Exchange(ref s_isCleaned, 1) == 0)
        {
            Clean(Path.GetTempPath());
        }

        return Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"{Prefix}{purpose}-{Environment.ProcessId}-{Guid.NewGuid():n}"));
    }

    /// <summary>A file without a name, for this process alone: it goes with it, whatever ends it.</summary>
    /// <param name="purpose">What for, in a word.</param>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    internal static FileStream OpenFile(string purpose)
    {
        var path = New(purpose);
        var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            BufferSize = 0,
            UnixCreateMode = OperatingSystem.IsWindows() ? null : UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        File.Delete(path);
        return file;
    }

    /// <summary>ScratchNotWritable</summary>
    /// <param name="what">What was to be put there.</param>
    /// <param name="error">Why it cannot be.</param>
    internal static NixStoreException NotWritable(string what, Exception error) => new("ScratchNotWritable", StoreErrorKind.WriteError,
        $"{what} cannot be put below '{Path.GetTempPath()}': {error.Message}", Path.GetTempPath(), "Set TMPDIR to a directory that can be written and has room.", error);

    /// <summary>Removes what killed processes of the same user have left.</summary>
    internal static void Clean(string folder)
    {
        try
        {
            foreach (var path in Directory.EnumerateFileSystemEntries(folder, Prefix + "*-*-*").Where(path => SpillDirectory.IsLeft(path) && IsOwn(path)))
            {
                Remove(path);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It is no worse than before.
        }
    }

    private static void Remove(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
            else
            {
                File.Delete(path);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Another one may be at it, too.
        }
    }

    /// <summary>Others write there as well: what they have made, with whatever links in it, is not looked into.</summary>
    private static bool IsOwn(string path) => Posix.TryStatus(path, out var status, out _) && status.Owner == Posix.EffectiveUserId;
}
