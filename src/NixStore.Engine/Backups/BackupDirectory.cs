using System.Globalization;
using System.Security.Cryptography;
using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Backups;

/// <summary>Where backups are, what their files are called, and what interrupted work has left behind.</summary>
internal static class BackupDirectory
{
    private const string Ending = ".sqlite.gz";

    /// <summary>The place for the backups of a store where no other is named.</summary>
    internal static string DefaultOf(StoreLocation store) => $"{store.StateDirectory}/nixstore/backups";

    /// <summary>A new id: it sorts by time.</summary>
    internal static string NewId(DateTimeOffset created) => string.Create(CultureInfo.InvariantCulture,
        $"{created.UtcDateTime:yyyyMMdd'T'HHmmss.fff'Z'}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}");

    /// <summary>The name of the file of an id.</summary>
    internal static string FileNameOf(string id) => id + Ending;

    /// <summary>The id that is in the name of a file.</summary>
    internal static string IdOf(string path)
    {
        var name = Path.GetFileName(path);
        return name.EndsWith(Ending, StringComparison.Ordinal) ? name[..^Ending.Length] : name;
    }

    /// <summary>The files in a directory that are called as backups are, oldest first; none when there is no such directory.</summary>
    /// <exception cref="NixStoreException">AccessDenied, InputOutputError</exception>
    internal static IReadOnlyList<string> FilesIn(string directory)
    {
        try
        {
            return Directory.Exists(directory)
                ? [.. Directory.EnumerateFiles(directory, "*" + Ending).Order(StringComparer.Ordinal)] : [];
        }
        catch (UnauthorizedAccessException error)
        {
            throw new NixStoreException("AccessDenied", StoreErrorKind.PermissionDenied,
                $"The directory '{directory}' cannot be read: {error.Message}", directory, "Run as the owner of the store (usually root).", error);
        }
        catch (IOException error)
        {
            throw new NixStoreException("InputOutputError", StoreErrorKind.ReadError,
                $"The directory '{directory}' cannot be read: {error.Message}", directory, null, error);
        }
    }

    /// <summary>Opens a directory, and makes it and those above it where they are missing.</summary>
    /// <exception cref="NixStoreException">AccessDenied, WriteFailed</exception>
    /// <exception cref="StoreIOException"/>
    internal static FileDescriptor OpenOrMake(string directory)
    {
        const UnixFileMode mode = (UnixFileMode)0b111_101_101;
        try
        {
            Directory.CreateDirectory(directory, mode);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new NixStoreException("AccessDenied", StoreErrorKind.PermissionDenied,
                $"The directory '{directory}' cannot be made: {error.Message}", directory, "Run as the owner of the store (usually root).", error);
        }
        catch (IOException error)
        {
            throw new NixStoreException("WriteFailed", StoreErrorKind.WriteError,
                $"The directory '{directory}' cannot be made: {error.Message}", directory, null, error);
        }

        return Posix.Open(directory, OpenFlags.ReadOnly | OpenFlags.Directory);
    }

    /// <summary>Removes the staging directories of those who were killed: the ones that nobody has locked.</summary>
    /// <exception cref="StoreIOException"/>
    internal static void RemoveStaleStaging(FileDescriptor directory)
    {
        foreach (var name in NamesIn(directory).Where(name => name.AsSpan().StartsWith("tmp-"u8)))
        {
            using var staging = Posix.TryOpenAt(directory, name, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow, 0, out _);
            if (staging is not null && Posix.TryFlock(staging, LockMode.Exclusive))
            {
                TreeRemover.Remove(directory, name);
            }
        }
    }

    /// <summary>The names in a directory, NUL-terminated.</summary>
    /// <exception cref="StoreIOException"/>
    internal static List<byte[]> NamesIn(FileDescriptor directory)
    {
        // Its own descriptor: reading moves the position.
        using var reading = Posix.OpenAt(directory, ByteName.From("."), OpenFlags.ReadOnly | OpenFlags.Directory);
        using var entries = new DirectoryEntries(reading);
        var names = new List<byte[]>();
        while (entries.MoveNext())
        {
            names.Add(entries.Name.ToArray());
        }

        return names;
    }
}
