using System.Globalization;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Roots;

/// <summary>
/// Store paths that running processes use: program, working directory, open and mapped files, environment
/// (GC-SPEC §4.2; Nix libstore/local-gc.cc:findRuntimeRootsUnchecked). One buffer is used for everything, and each process asked once.
/// </summary>
internal sealed class ProcessRoots
{
    private const int LargestRead = 64 << 20;
    private readonly StoreLocation _store;
    private readonly Func<string, bool> _isRegistered;
    private readonly StorePathText _paths;
    private readonly UserNames _users;
    private readonly List<int> _refused = [];
    private byte[] _buffer = new byte[1 << 16];

    internal ProcessRoots(StoreLocation store, Func<string, bool> isRegistered, UserNames users)
    {
        _store = store;
        _isRegistered = isRegistered;
        _paths = new StorePathText(store);
        _users = users;
    }

    /// <summary>Finds all.</summary>
    /// <param name="roots">Gets them.</param>
    /// <param name="report">Gets one error when there are processes that this user may not look into.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <exception cref="StoreIOException">There is no /proc.</exception>
    internal void Find(List<StoreRoot> roots, Action<NixStoreException> report, CancellationToken cancellation)
    {
        using var processes = Posix.Open("/proc", OpenFlags.ReadOnly | OpenFlags.Directory);
        using var entries = new DirectoryEntries(processes);
        while (entries.MoveNext())
        {
            cancellation.ThrowIfCancellationRequested();
            if (int.TryParse(ByteName.Trim(entries.Name), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && Posix.TryOpenAt(processes, entries.Name, OpenFlags.PathOnly | OpenFlags.Directory, 0, out _) is { } process)
            {
                using (process)
                {
                    Look(process, id, roots);
                }
            }
        }

        if (_refused.Count > 0)
        {
            report(new NixStoreException("RuntimeRootsIncomplete", StoreErrorKind.PermissionDenied,
                $"What {_refused.Count} running processes use could not be read (among them {string.Join(", ", _refused.Take(5))}): "
                + "their roots are not known.", "/proc", "Run as root; in a container, with the capability SYS_PTRACE."));
        }
    }

    private void Look(FileDescriptor process, int id, List<StoreRoot> roots)
    {
        var found = new Finder(this, process, id, roots);
        var isRefused = Link(process, "exe\0"u8, StoreRootOrigin.Executable, "exe", found);
        isRefused |= Link(process, "cwd\0"u8, StoreRootOrigin.WorkingDirectory, "cwd", found);
        isRefused |= OpenFiles(process, found);
        isRefused |= MappedFiles(process, found);
        isRefused |= Environment(process, found);
        if (isRefused)
        {
            _refused.Add(id);
        }
    }

    private bool Link(FileDescriptor directory, ReadOnlySpan<byte> name, StoreRootOrigin origin, string entry, Finder found)
    {
        Span<byte> target = stackalloc byte[4096];
        var length = Posix.TryReadLinkAt(directory, name, target, out var error);
        if (length > 0 && _paths.Parse(target[..length]) is { } path)
        {
            found.Add(path, origin, entry);
        }

        return IsRefusal(error);
    }

    private bool OpenFiles(FileDescriptor process, Finder found)
    {
        using var files = Posix.TryOpenAt(process, "fd\0"u8, OpenFlags.ReadOnly | OpenFlags.Directory, 0, out var error);
        if (files is null)
        {
            return IsRefusal(error);
        }

        Span<byte> target = stackalloc byte[4096];
        try
        {
            using var entries = new DirectoryEntries(files);
            while (entries.MoveNext())
            {
                var length = Posix.TryReadLinkAt(files, entries.Name, target, out error);
                if (length > 0 && _paths.Parse(target[..length]) is { } path)
                {
                    found.Add(path, StoreRootOrigin.OpenFile, "fd/" + ByteName.ToDisplay(entries.Name));
                }
                else if (IsRefusal(error))
                {
                    return true;
                }
            }
        }
        catch (StoreIOException failure)
        {
            // The process has ended, or became another user's by an exec.
            return IsRefusal(failure.ErrorNumber);
        }

        return false;
    }

    /// <summary>The last column of each line, where it is an absolute path without blanks: what was deleted has a blank behind it.</summary>
    private bool MappedFiles(FileDescriptor process, Finder found)
    {
        var text = Read(process, "maps\0"u8, out var error);
        foreach (var prefix in _paths.Prefixes)
        {
            ReadOnlySpan<byte> last = default;
            for (var rest = text; rest.IndexOf(prefix) is var start and >= 0;)
            {
                var isColumn = start > 0 && rest[start - 1] == ' ';
                rest = rest[start..];
                var end = rest.IndexOf((byte)'\n');
                var file = end < 0 ? rest : rest[..end];
                rest = rest[file.Length..];
                if (isColumn && !file.SequenceEqual(last) && !file.Contains((byte)' ') && _paths.Parse(file) is { } path)
                {
                    found.Add(path, StoreRootOrigin.MappedFile, "maps");
                }

                last = file;
            }
        }

        return IsRefusal(error);
    }

    /// <summary>Every store path, wherever in a variable it stands.</summary>
    private bool Environment(FileDescriptor process, Finder found)
    {
        var text = Read(process, "environ\0"u8, out var error);
        foreach (var prefix in _paths.Prefixes)
        {
            for (var rest = text; rest.IndexOf(prefix) is var start and >= 0;)
            {
                rest = rest[(start + prefix.Length)..];
                var end = rest.IndexOfAnyExcept(StoreNameCharacters.All);
                if (_paths.ParseName(end < 0 ? rest : rest[..end]) is { } path)
                {
                    found.Add(path, StoreRootOrigin.Environment, "environ");
                }
            }
        }

        return IsRefusal(error);
    }

    /// <summary>The whole of a file of /proc, in the buffer; empty and errno when it cannot be read.</summary>
    private ReadOnlySpan<byte> Read(FileDescriptor process, ReadOnlySpan<byte> name, out int error)
    {
        using var file = Posix.TryOpenAt(process, name, OpenFlags.ReadOnly, 0, out error);
        if (file is null)
        {
            return default;
        }

        var length = 0;
        for (int count; (count = Posix.TryRead(file, _buffer.AsSpan(length), out error)) > 0;)
        {
            length += count;
            if (length == _buffer.Length)
            {
                if (length >= LargestRead)
                {
                    break;
                }

                Array.Resize(ref _buffer, length * 2);
            }
        }

        return _buffer.AsSpan(0, length);
    }

    /// <summary>A process that has ended, or a kernel thread, has nothing; one that may not be looked into may have anything.</summary>
    private static bool IsRefusal(int error) => error is not (0 or Errno.NoEntry or Errno.NoProcess or Errno.Invalid);

    /// <summary>Collects what one process uses: each path once for each way in which it is used.</summary>
    private sealed class Finder(ProcessRoots scanner, FileDescriptor process, int id, List<StoreRoot> roots)
    {
        private readonly HashSet<(string Path, StoreRootOrigin Origin)> _seen = [];
        private string? _name;
        private string? _user;

        internal void Add(string path, StoreRootOrigin origin, string entry)
        {
            if (!_seen.Add((path, origin)) || !scanner._isRegistered(path))
            {
                return;
            }

            roots.Add(new StoreRoot
            {
                Store = scanner._store.Url,
                Kind = StoreRootKind.Runtime,
                Origin = origin,
                State = StoreRootState.Active,
                Path = path,
                Link = string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/{entry}"),
                Target = null,
                Pid = id,
                ProcessName = _name ??= ProcessName.Of(process),
                User = _user ??= scanner._users.NameOf(Posix.Status(process).Owner),
            });
        }
    }
}
