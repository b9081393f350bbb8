using NixStore.Engine.Native;

namespace NixStore.Engine.Maintenance;

/// <summary>A directory with the files of tasks, and of others; open for looking, or locked for changes.</summary>
internal sealed class MaintenanceDirectory : IDisposable
{
    private const int FileMode = 0b110_100_100;
    private const int DirectoryMode = 0b111_101_101;
    private const int Limit = 1 << 20;
    private const string Enabled = "timers.target.wants";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    private readonly FileDescriptor _directory;

    private MaintenanceDirectory(FileDescriptor directory) => _directory = directory;

    /// <summary>Opens it for looking; null when there is none.</summary>
    /// <exception cref="StoreIOException"/>
    internal static MaintenanceDirectory? TryOpen(string path)
    {
        var directory = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(path), OpenFlags.ReadOnly | OpenFlags.Directory, 0, out var error);
        return directory is not null ? new MaintenanceDirectory(directory)
            : error == Errno.NoEntry ? null : throw new StoreIOException("open", path, error);
    }

    /// <summary>Opens it for changes: nobody else of this product makes any meanwhile. What is missing is made.</summary>
    /// <exception cref="NixStoreException">DirectoryNotWritable, DirectoryBusy</exception>
    /// <exception cref="StoreIOException"/>
    internal static MaintenanceDirectory OpenForChanges(string path) => Change(path, () =>
    {
        MakeMissing(path);
        var directory = Posix.Open(path, OpenFlags.ReadOnly | OpenFlags.Directory);
        for (var end = DateTime.UtcNow + s_patience; !Posix.TryFlock(directory, LockMode.Exclusive); Thread.Sleep(s_pause))
        {
            if (DateTime.UtcNow > end)
            {
                directory.Dispose();
                throw new NixStoreException("DirectoryBusy", StoreErrorKind.Busy, $"Somebody else makes changes in '{path}'.", path, "Run the command again.");
            }
        }

        return new MaintenanceDirectory(directory);
    });

    /// <summary>The names in it, in order; those that are no Unicode are nobody's tasks.</summary>
    /// <exception cref="StoreIOException"/>
    internal IReadOnlyList<string> Names()
    {
        // Its own descriptor: reading moves the position.
        using var reading = Posix.OpenAt(_directory, ".\0"u8, OpenFlags.ReadOnly | OpenFlags.Directory);
        using var entries = new DirectoryEntries(reading);
        var names = new List<string>();
        while (entries.MoveNext())
        {
            names.Add(ByteName.ToDisplay(entries.Name));
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }

    /// <summary>The text of a file; null when there is none, and empty for what is no regular file, such as a link by which a unit is masked.</summary>
    /// <exception cref="StoreIOException"/>
    internal string? Read(string name)
    {
        var bytes = ByteName.From(name);
        if (!Posix.TryStatusAt(_directory, bytes, out var status, out var error))
        {
            return error == Errno.NoEntry ? null : throw new StoreIOException("stat", _directory.Combine(bytes), error);
        }

        if (status.Type != FileType.Regular)
        {
            return "";
        }

        using var file = Posix.OpenAt(_directory, bytes, OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NonBlocking);
        return System.Text.Encoding.UTF8.GetString(Posix.ReadAll(file, Limit));
    }

    /// <summary>Writes a file, such that it is there as a whole or as it was before, whenever this is interrupted.</summary>
    /// <exception cref="NixStoreException">DirectoryNotWritable</exception>
    /// <exception cref="StoreIOException"/>
    internal void Write(string name, string text) => Change(_directory.Path, () =>
    {
        // A dot at its beginning, and none of the endings of units: neither systemd nor cron takes it for anything.
        var temporary = ByteName.From($".{name}.tmp");

        // Nobody else is here: one that is there was left by somebody who was killed.
        RemoveIfThere(_directory, temporary);
        using (var file = Posix.OpenAt(_directory, temporary, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive, FileMode))
        {
            // Whatever the umask: cron and systemd complain about others.
            Posix.Fchmod(file, FileMode);
            Posix.WriteAll(file, System.Text.Encoding.UTF8.GetBytes(text));
            Posix.Fsync(file);
        }

        Posix.RenameAt(_directory, temporary, _directory, ByteName.From(name));
        Posix.Fsync(_directory);
        return true;
    });

    /// <summary>Removes a file, and what an interrupted <see cref="Write"/> left of it; fine when there is none.</summary>
    /// <exception cref="NixStoreException">DirectoryNotWritable</exception>
    /// <exception cref="StoreIOException"/>
    internal void Remove(string name) => Change(_directory.Path, () =>
    {
        RemoveIfThere(_directory, ByteName.From($".{name}.tmp"));
        RemoveIfThere(_directory, ByteName.From(name));
        Posix.Fsync(_directory);
        return true;
    });

    /// <summary>True when a timer starts with the machine.</summary>
    internal bool IsEnabled(string timer) => Posix.TryStatusAt(_directory, ByteName.From($"{Enabled}/{timer}"), out _, out _);

    /// <summary>Makes a timer start with the machine: the link that <c>systemctl enable</c> makes, which needs no running systemd.</summary>
    /// <exception cref="NixStoreException">DirectoryNotWritable</exception>
    /// <exception cref="StoreIOException"/>
    internal void Enable(string timer) => Change(_directory.Path, () =>
    {
        if (!Posix.TryStatusAt(_directory, ByteName.From(Enabled), out _, out _))
        {
            Posix.MkdirAt(_directory, ByteName.From(Enabled), DirectoryMode);
        }

        if (!IsEnabled(timer))
        {
            Posix.SymlinkAt(ByteName.From($"../{timer}"), _directory, ByteName.From($"{Enabled}/{timer}"));
        }

        using var directory = Posix.OpenAt(_directory, ByteName.From(Enabled), OpenFlags.ReadOnly | OpenFlags.Directory);
        Posix.Fsync(directory);
        Posix.Fsync(_directory);
        return true;
    });

    /// <summary>The opposite of <see cref="Enable"/>.</summary>
    /// <exception cref="NixStoreException">DirectoryNotWritable</exception>
    /// <exception cref="StoreIOException"/>
    internal void Disable(string timer) => Change(_directory.Path, () =>
    {
        RemoveIfThere(_directory, ByteName.From($"{Enabled}/{timer}"));
        return true;
    });

    /// <inheritdoc/>
    public void Dispose() => _directory.Dispose();

    private static void RemoveIfThere(FileDescriptor directory, byte[] name)
    {
        if (Posix.TryStatusAt(directory, name, out _, out _))
        {
            Posix.UnlinkAt(directory, name);
        }
    }

    private static void MakeMissing(string path)
    {
        if (path.Length > 1 && !Posix.TryStatus(path, out _, out var error) && error == Errno.NoEntry)
        {
            MakeMissing(Path.GetDirectoryName(path)!);
            Posix.MkdirAt(FileDescriptor.WorkingDirectory, ByteName.From(path), DirectoryMode);
        }
    }

    private static T Change<T>(string path, Func<T> change)
    {
        try
        {
            return change();
        }
        catch (StoreIOException error) when (error.ErrorNumber is Errno.AccessDenied or Errno.NotPermitted or Errno.ReadOnlyFileSystem)
        {
            throw new NixStoreException("DirectoryNotWritable", StoreErrorKind.PermissionDenied, $"'{path}' cannot be changed: {error.Message}", path,
                error.ErrorNumber == Errno.ReadOnlyFileSystem
                    ? "Where the configuration makes this directory, as on NixOS, take -Format NixOS, and import the text into the configuration."
                    : "Run as root.", error);
        }
    }
}
