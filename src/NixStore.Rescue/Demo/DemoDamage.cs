using System.Text;
using NixStore.Engine.Database;

namespace NixStore.Rescue.Demo;

/// <summary>One of the ways in which real life damages stores. Times and modes are put back, as a failing disk leaves them alone.</summary>
/// <param name="Name">Which path of the demo's store it damages.</param>
/// <param name="Description">What happens to it.</param>
/// <param name="Expected">What verification must find.</param>
/// <param name="Apply">Does it.</param>
internal sealed record DemoDamage(string Name, string Description, StoreProblemKind Expected, Action<DemoStore> Apply)
{
    private const UnixFileMode Writable = (UnixFileMode)0x1a4;
    private const UnixFileMode Directory = (UnixFileMode)0x1ed;
    private const UnixFileMode ReadOnly = (UnixFileMode)0x124;
    private static readonly DateTime s_canonicalTime = DateTime.UnixEpoch.AddSeconds(1);

    /// <summary>All of them, each on a path of its own.</summary>
    public static IReadOnlyList<DemoDamage> All { get; } =
    [
        new("libdemo-2.1", "a power loss leaves a library with no contents", StoreProblemKind.ZeroLength,
            demo => Rewrite(demo.RealPath("libdemo-2.1", "lib/libdemo.so.2.1"), _ => [])),
        new("numbers", "a bit flips on the disk", StoreProblemKind.HashMismatch,
            demo => Rewrite(demo.RealPath("numbers", "numbers"), bytes =>
            {
                bytes[bytes.Length / 2] ^= 0x10;
                return bytes;
            })),
        new("manual.txt", "somebody deletes a path", StoreProblemKind.Missing, demo => File.Delete(demo.RealPath("manual.txt"))),
        new("config", "a program leaves a file behind", StoreProblemKind.ExtraEntry,
            demo => InDirectory(demo.RealPath("config", "etc"), directory => File.WriteAllText($"{directory}/demo.conf~", "color = red\n"))),
        new("hello-1.0", "a copy loses an executable bit", StoreProblemKind.ExecutableChanged,
            demo => File.SetUnixFileMode(demo.RealPath("hello-1.0", "bin/hello"), ReadOnly)),
        new("notes", "the hash in the database is overwritten", StoreProblemKind.RowHash, OverwriteHash),
    ];

    private static void Rewrite(string file, Func<byte[], byte[]> change)
    {
        File.SetUnixFileMode(file, Writable);
        File.WriteAllBytes(file, change(File.ReadAllBytes(file)));
        Canonicalize(file);
    }

    private static void Canonicalize(string file)
    {
        File.SetLastWriteTimeUtc(file, s_canonicalTime);
        File.SetUnixFileMode(file, ReadOnly);
    }

    private static void InDirectory(string directory, Action<string> change)
    {
        var mode = File.GetUnixFileMode(directory);
        File.SetUnixFileMode(directory, Directory);
        change(directory);
        System.IO.Directory.SetLastWriteTimeUtc(directory, s_canonicalTime);
        File.SetUnixFileMode(directory, mode);
    }

    /// <summary>In the database's file itself, as a bad sector would: nothing of SQLite notices.</summary>
    private static void OverwriteHash(DemoStore demo)
    {
        string hash;
        using (var database = StoreDatabase.OpenForReading(demo.Location))
        {
            hash = database.Find(demo.LogicalPath("notes"))!.Hash!;
        }

        var bytes = File.ReadAllBytes(demo.Location.DatabasePath);
        var at = bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(hash));
        Encoding.ASCII.GetBytes(new string('?', 20)).CopyTo(bytes.AsSpan(at + "sha256:".Length));
        File.WriteAllBytes(demo.Location.DatabasePath, bytes);
    }
}
