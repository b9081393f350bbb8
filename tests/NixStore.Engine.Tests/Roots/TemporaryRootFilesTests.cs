using NixStore.Engine.Locks;
using NixStore.Engine.Native;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Roots;

public sealed class TemporaryRootFilesTests : IDisposable
{
    private readonly RootLab _lab = new();
    private readonly string _directory;

    public TemporaryRootFilesTests() => _directory = Directory.CreateDirectory($"{_lab.Location.StateDirectory}/temproots").FullName;

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Roots_of_this_process_are_seen_with_its_name()
    {
        using var roots = TemporaryRoots.Open(_lab.Location, CancellationToken.None);
        roots.Add(RootLab.PathOf("a"), CancellationToken.None);
        roots.Add(RootLab.PathOf("to-be"), CancellationToken.None);

        var found = Find();

        Assert.Equal([(StoreRootState.Active, _lab.Full("a")), (StoreRootState.NotRegistered, _lab.Full("to-be"))], found.Select(root => (root.State, root.Path!)));
        Assert.All(found, root => Assert.Equal(
            (StoreRootOrigin.TemporaryRoots, Environment.ProcessId, Environment.UserName), (root.Origin, root.Pid!.Value, root.User)));
        Assert.All(found, root => Assert.False(string.IsNullOrEmpty(root.ProcessName)));
    }

    [Theory]
    [InlineData("foo", null)]
    [InlineData("123456789-abc", 123456789)]
    [InlineData("123456789", 123456789)]
    [InlineData("12x", null)]
    public void Any_name_counts_while_it_is_held(string name, int? process)
    {
        using var held = Hold(name, _lab.Full("a") + "\0");

        Assert.Equal((_lab.Full("a"), process), Assert.Single(Find()) is var root ? (root.Path, root.Pid) : default);
    }

    [Fact]
    public void What_nobody_holds_keeps_nothing_and_stays()
    {
        File.WriteAllText($"{_directory}/999999", _lab.Full("a") + "\0");
        File.WriteAllText($"{_directory}/.keep", "");
        Directory.CreateDirectory($"{_directory}/directory");
        _lab.Link($"{_directory}/link", "/dev/zero");
        Command.Run("mkfifo", $"{_directory}/fifo");

        Assert.Empty(Find());

        Assert.Equal(5, Directory.EnumerateFileSystemEntries(_directory).Count());
    }

    [Fact]
    public void The_lock_is_given_back_at_once()
    {
        File.WriteAllText($"{_directory}/1", "");

        _ = Find();

        using var file = Posix.Open($"{_directory}/1", OpenFlags.ReadWrite);
        Assert.True(Posix.TryFlock(file, LockMode.Exclusive));
    }

    [Fact]
    public void A_record_that_was_cut_off_and_one_that_is_no_path_are_left_out()
    {
        using var held = Hold("1", $"{_lab.Full("a")}\0nonsense\0\0{_lab.Full("b")}");

        Assert.Equal(_lab.Full("a"), Assert.Single(Find()).Path);
    }

    private IReadOnlyList<StoreRoot> Find() => _lab.All(StoreRootKind.Temporary);

    private FileDescriptor Hold(string name, string contents)
    {
        File.WriteAllText($"{_directory}/{name}", contents);
        var file = Posix.Open($"{_directory}/{name}", OpenFlags.ReadWrite);
        Assert.True(Posix.TryFlock(file, LockMode.Exclusive));
        return file;
    }
}
