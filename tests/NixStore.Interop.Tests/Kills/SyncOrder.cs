using System.Text.RegularExpressions;

namespace NixStore.Interop.Tests.Kills;

/// <summary>Follows a trace and keeps account of what the disk may not have yet.</summary>
internal sealed partial class SyncOrder(string store)
{
    private readonly HashSet<string> _unsynced = new(StringComparer.Ordinal);

    /// <summary>Renames out of a staging directory of something the disk may not have.</summary>
    internal List<string> Violations { get; } = [];

    /// <summary>Renames out of a staging directory.</summary>
    internal int Published { get; private set; }

    /// <summary>Directories of the store with a new entry that the disk may not have.</summary>
    internal IEnumerable<string> UnsyncedDirectories => _unsynced.Where(path => path.StartsWith(store, StringComparison.Ordinal) && !IsTransient(path));

    internal void Follow(SystemCall call)
    {
        if (call.Result.StartsWith('-') || call.Result.StartsWith('?'))
        {
            return;
        }

        var paths = PathArguments(call.Arguments);
        switch (call.Name)
        {
            case "openat" when call.Changes:
            case "mkdirat":
            case "symlinkat":
                // The new name is in its directory, and what it names is new.
                var made = paths[^1];
                AddDirectoryOf(made);
                if (call.Name != "symlinkat")
                {
                    _unsynced.Add(made);
                }

                break;
            case "linkat":
                AddDirectoryOf(paths[^1]);
                break;
            case "write" or "pwrite64" or "ftruncate" or "copy_file_range" or "fchmod":
                // Pipes and sockets have no path.
                if (Descriptors().Matches(call.Arguments) is { Count: > 0 } files)
                {
                    _unsynced.Add(files[call.Name == "copy_file_range" ? ^1 : 0].Groups["path"].Value);
                }

                break;
            case "fsync" or "fdatasync":
                _unsynced.Remove(Descriptors().Match(call.Arguments).Groups["path"].Value);
                break;
            case "renameat2":
                Rename(paths[0], paths[1]);
                break;
        }
    }

    /// <summary>A lock file or a staging directory may be lost.</summary>
    private void AddDirectoryOf(string path)
    {
        if (Path.GetDirectoryName(path) is { } directory && (directory != store || !IsTransient(path)))
        {
            _unsynced.Add(directory);
        }
    }

    private void Rename(string from, string to)
    {
        if (!IsTransient(from) || IsTransient(to))
        {
            return;
        }

        Published++;
        Violations.AddRange(_unsynced.Where(path => path == from || path == Path.GetDirectoryName(from) || path.StartsWith(from + "/", StringComparison.Ordinal))
            .Select(path => $"{path} was not synced when {from} became {to}"));
        _unsynced.Add(Path.GetDirectoryName(to)!);
    }

    private bool IsTransient(string path)
        => path.StartsWith($"{store}/tmp-", StringComparison.Ordinal) || path.EndsWith(".lock", StringComparison.Ordinal) || path == store + "/.";

    /// <summary>The names among the arguments, each with the directory it is relative to.</summary>
    private static List<string> PathArguments(string arguments) => Names().Matches(arguments)
        .Select(match => match.Groups["name"].Value is ['/', ..] name ? name : $"{match.Groups["directory"].Value}/{match.Groups["name"].Value}").ToList();

    [GeneratedRegex(@"[0-9]+<(?<path>/[^>]*)>")]
    private static partial Regex Descriptors();

    [GeneratedRegex(@"(?:[0-9]+|AT_FDCWD)<(?<directory>/[^>]*)>, ""(?<name>[^""]*)""")]
    private static partial Regex Names();
}
