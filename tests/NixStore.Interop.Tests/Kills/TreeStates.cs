using System.Security.Cryptography;
using NixStore.Engine.Native;

namespace NixStore.Interop.Tests.Kills;

/// <summary>What each entry below a store directory is, as far as an archive knows it: type, executable bit, contents or target.</summary>
internal static class TreeStates
{
    /// <summary>What an entry that is not there is.</summary>
    internal const string Absent = "absent";

    /// <summary>Reads all entries but those that interrupted work may leave: staging directories and lock files.</summary>
    internal static SortedDictionary<string, string> Read(string directory)
    {
        var states = new SortedDictionary<string, string>(StringComparer.Ordinal);
        using var store = Posix.Open(directory, OpenFlags.ReadOnly | OpenFlags.Directory);
        using var entries = new DirectoryEntries(store);
        while (entries.MoveNext())
        {
            var name = ByteName.ToDisplay(entries.Name);
            if (!name.StartsWith("tmp-", StringComparison.Ordinal) && !name.EndsWith(".lock", StringComparison.Ordinal))
            {
                Add(store, entries.Name, name, states);
            }
        }

        return states;
    }

    private static void Add(FileDescriptor parent, ReadOnlySpan<byte> name, string path, SortedDictionary<string, string> states)
    {
        var status = Posix.StatusAt(parent, name);
        states[path] = status.Type switch
        {
            FileType.Regular => $"{(status.IsExecutable ? "executable" : "file")} {HashOf(parent, name)}",
            FileType.SymbolicLink => $"link {Convert.ToHexString(Posix.ReadLinkAt(parent, name))}",
            _ => status.Type.ToString(),
        };
        if (status.Type != FileType.Directory)
        {
            return;
        }

        using var directory = Posix.OpenAt(parent, name, OpenFlags.ReadOnly | OpenFlags.Directory);
        using var entries = new DirectoryEntries(directory);
        while (entries.MoveNext())
        {
            Add(directory, entries.Name, $"{path}/{ByteName.ToDisplay(entries.Name)}", states);
        }
    }

    private static string HashOf(FileDescriptor parent, ReadOnlySpan<byte> name)
    {
        using var file = Posix.OpenAt(parent, name, OpenFlags.ReadOnly);
        return Convert.ToHexStringLower(SHA256.HashData(Posix.ReadAll(file)));
    }
}
