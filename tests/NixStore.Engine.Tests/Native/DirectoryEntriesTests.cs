using System.Text;
using NixStore.Engine.Native;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Native;

public sealed class DirectoryEntriesTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Thousands_of_names_come_once_each()
    {
        var expected = Enumerable.Range(0, 5000).Select(number => $"{number:d5}-{new string('n', number % 200)}").ToHashSet();
        foreach (var name in expected)
        {
            File.WriteAllText(_directory[name], "");
        }

        var names = Names();

        Assert.Equal(5000, names.Count);
        Assert.Equal(expected, names.Select(name => Encoding.UTF8.GetString(name)).ToHashSet());
    }

    [Fact]
    public void Names_are_bytes()
    {
        using var directory = Open();
        byte[][] names = [[0xe9], [.. "new\nline"u8], [.. "..."u8], Enumerable.Repeat((byte)0xff, 255).ToArray()];
        foreach (var name in names)
        {
            Posix.OpenAt(directory, ByteName.From(name), OpenFlags.WriteOnly | OpenFlags.Create, 0x180).Dispose();
        }

        Assert.Equal(names.Select(Convert.ToHexString).Order(), Names().Select(Convert.ToHexString).Order());
    }

    [Fact]
    public void An_empty_directory_has_none() => Assert.Empty(Names());

    [Fact]
    public void Type_and_inode_are_those_of_the_entry()
    {
        Directory.CreateDirectory(_directory["only"]);
        using var directory = Open();
        using var entries = new DirectoryEntries(directory);

        Assert.True(entries.MoveNext());
        Assert.Equal((FileType.Directory, Posix.StatusAt(directory, entries.Name).Inode), (entries.Type, entries.Inode));
        Assert.False(entries.MoveNext());
    }

    [Fact]
    public void A_file_cannot_be_listed()
    {
        File.WriteAllText(_directory["file"], "");

        var error = Assert.Throws<StoreIOException>(() =>
        {
            using var file = Posix.Open(_directory["file"], OpenFlags.ReadOnly);
            using var entries = new DirectoryEntries(file);
            entries.MoveNext();
        });

        Assert.Equal((Errno.NotDirectory, _directory["file"]), (error.ErrorNumber, error.Target));
    }

    private FileDescriptor Open() => Posix.Open(_directory.Path, OpenFlags.ReadOnly | OpenFlags.Directory);

    private List<byte[]> Names()
    {
        using var directory = Open();
        using var entries = new DirectoryEntries(directory);
        var names = new List<byte[]>();
        while (entries.MoveNext())
        {
            names.Add(ByteName.Trim(entries.Name).ToArray());
        }

        return names;
    }
}
