using System.Security.Cryptography;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Tests.Laboratory;

/// <summary>
/// Proof that looking changed nothing: contents and status (all three times too) of every file below some directories, before and after.
/// Access times are set far back first, so that even a relatime mount would write a new one at the first look.
/// </summary>
/// <remarks>It opens and closes the files, which drops SQLite's locks of this process on them: only while no database is open here.</remarks>
public sealed class Untouched
{
    private readonly string[] _directories;
    private readonly string[] _exceptions;
    private readonly SortedDictionary<string, string> _before;

    /// <param name="directories">What to watch.</param>
    /// <param name="exceptions">Ends of names that may change: SQLite's -shm of a live store.</param>
    public Untouched(string[] directories, params string[] exceptions)
    {
        _directories = directories;
        _exceptions = exceptions;

        // What is immutable keeps its times; nobody can change them anyway.
        Command.Try(new Dictionary<string, string>(), "find",
            [.. directories, "-exec", "touch", "-h", "-a", "-d", "2001-01-01 00:00:00.123456789", "{}", "+"]);
        _before = Describe();
    }

    /// <summary>Watches the store directory and the whole state directory of a store.</summary>
    public static Untouched Of(StoreLocation store, params string[] exceptions) => new([store.RealDirectory, store.StateDirectory], exceptions);

    /// <summary>What differs now; empty when nothing does.</summary>
    public IReadOnlyList<string> Differences()
    {
        var after = Describe();
        return _before.Keys.Union(after.Keys).Where(path => _before.GetValueOrDefault(path) != after.GetValueOrDefault(path))
            .Select(path => $"{path}\n  before: {_before.GetValueOrDefault(path)}\n  after:  {after.GetValueOrDefault(path)}").ToList();
    }

    /// <summary>Fails with the list of what changed.</summary>
    public void Verify()
    {
        var differences = Differences();
        Assert.True(differences.Count == 0, "Something was changed:\n" + string.Join('\n', differences));
    }

    private SortedDictionary<string, string> Describe()
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var directory in _directories)
        {
            Describe(FileDescriptor.WorkingDirectory, ByteName.From(directory), files);
        }

        return files;
    }

    private void Describe(FileDescriptor parent, ReadOnlySpan<byte> name, SortedDictionary<string, string> files)
    {
        var path = parent.Combine(name);
        var status = Posix.StatusAt(parent, name);
        if (_exceptions.Any(exception => path.EndsWith(exception, StringComparison.Ordinal)))
        {
            return;
        }

        // A symbolic link cannot be changed in place, so its inode speaks for its target.
        var description = $"{status.Type} {status.Inode} {Convert.ToString(status.Mode, 8)} {status.Owner}:{status.Group} links {status.LinkCount} size {status.Size} "
            + $"a {status.AccessTime:O} m {status.ModificationTime:O} c {status.ChangeTime:O}";
        if (status.Type is FileType.Regular)
        {
            using var file = Posix.OpenAt(parent, name, OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NoAccessTime);
            description += $" {Convert.ToHexStringLower(SHA256.HashData(Posix.ReadAll(file)))}";
        }

        files.Add(path, description);
        if (status.Type is FileType.Directory)
        {
            using var directory = Posix.OpenAt(parent, name, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime);
            using var entries = new DirectoryEntries(directory);
            while (entries.MoveNext())
            {
                Describe(directory, entries.Name, files);
            }
        }
    }
}
