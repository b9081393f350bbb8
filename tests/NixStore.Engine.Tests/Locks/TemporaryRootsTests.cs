using System.Net.Sockets;
using System.Text;
using NixStore.Engine.Locks;
using NixStore.Engine.Native;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Locks;

public sealed class TemporaryRootsTests : IDisposable
{
    private readonly SmallStore _store = new("a", "b");

    public void Dispose() => _store.Dispose();

    [Fact]
    public void The_file_is_private_locked_and_named_by_the_process()
    {
        using var roots = TemporaryRoots.Open(_store.Location, CancellationToken.None);

        var file = RootsFile();
        Assert.StartsWith($"{Environment.ProcessId}-", Path.GetFileName(file), StringComparison.Ordinal);
        Assert.Equal((UnixFileMode)0x180, File.GetUnixFileMode(file));
        using var collector = Posix.Open(file, OpenFlags.ReadWrite);
        Assert.False(Posix.TryFlock(collector, LockMode.Exclusive));
    }

    [Fact]
    public void Roots_are_full_paths_each_with_a_NUL_and_only_once()
    {
        using var roots = TemporaryRoots.Open(_store.Location, CancellationToken.None);

        roots.Add(SmallStore.PathOf("a"), CancellationToken.None);
        roots.Add(SmallStore.PathOf("absent"), CancellationToken.None);
        roots.Add(SmallStore.PathOf("a"), CancellationToken.None);

        Assert.Equal($"{_store.Full("a")}\0{_store.Full("absent")}\0", Contents());
    }

    [Fact]
    public void Disposing_removes_the_file()
    {
        var roots = TemporaryRoots.Open(_store.Location, CancellationToken.None);

        roots.Dispose();

        Assert.Empty(Directory.EnumerateFileSystemEntries($"{_store.Location.StateDirectory}/temproots"));
    }

    [Fact]
    public void Several_of_one_process_do_not_meet()
    {
        using var one = TemporaryRoots.Open(_store.Location, CancellationToken.None);
        using var two = TemporaryRoots.Open(_store.Location, CancellationToken.None);

        Assert.Equal(2, Directory.EnumerateFiles($"{_store.Location.StateDirectory}/temproots").Count());
    }

    [Fact]
    public void A_root_that_could_not_be_added_is_not_taken_for_one_that_was()
    {
        using var roots = TemporaryRoots.Open(_store.Location, CancellationToken.None);
        using (HoldCollectorLock())
        using (var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(20)))
        {
            Assert.ThrowsAny<OperationCanceledException>(() => roots.Add(SmallStore.PathOf("a"), cancellation.Token));
        }

        roots.Add(SmallStore.PathOf("a"), CancellationToken.None);

        Assert.Equal($"{_store.Full("a")}\0", Contents());
    }

    [Fact]
    public async Task A_collector_that_does_not_answer_does_not_hold_up_a_cancellation()
    {
        using var roots = TemporaryRoots.Open(_store.Location, CancellationToken.None);
        using var held = HoldCollectorLock();
        using var silent = Listen();
        using var cancellation = new CancellationTokenSource();
        var adding = Task.Run(() => roots.Add(SmallStore.PathOf("a"), cancellation.Token));
        using var connection = await silent.AcceptAsync();
        Assert.Equal(_store.Full("a") + "\n", await Receive(connection));

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => adding);
        Assert.Equal("", Contents());
    }

    [Fact]
    public async Task The_collector_is_told_and_the_root_counts_when_it_has_answered()
    {
        using var roots = TemporaryRoots.Open(_store.Location, CancellationToken.None);
        using var held = HoldCollectorLock();
        using var listener = Listen();
        var adding = Task.Run(() =>
        {
            roots.Add(SmallStore.PathOf("a"), CancellationToken.None);
            roots.Add(SmallStore.PathOf("b"), CancellationToken.None);
        });

        // Both over the same connection, as Nix's clients do.
        using var connection = await listener.AcceptAsync();
        Assert.Equal(_store.Full("a") + "\n", await Receive(connection));
        Assert.Equal("", Contents());
        await connection.SendAsync("1"u8.ToArray());
        Assert.Equal(_store.Full("b") + "\n", await Receive(connection));
        Assert.Equal($"{_store.Full("a")}\0", Contents());
        await connection.SendAsync("1"u8.ToArray());
        await adding;
        Assert.Equal($"{_store.Full("a")}\0{_store.Full("b")}\0", Contents());
    }

    [Fact]
    public async Task When_the_collector_ends_without_an_answer_the_lock_is_tried_again()
    {
        using var roots = TemporaryRoots.Open(_store.Location, CancellationToken.None);
        var held = HoldCollectorLock();
        using var listener = Listen();
        var adding = Task.Run(() => roots.Add(SmallStore.PathOf("a"), CancellationToken.None));
        using (var connection = await listener.AcceptAsync())
        {
            await Receive(connection);
            held.Dispose();
        }

        await adding;

        Assert.Equal($"{_store.Full("a")}\0", Contents());
    }

    [SkippableFact]
    public void A_root_that_a_full_disk_cut_off_does_not_spoil_the_next_one() => MountNamespace.Run(space =>
    {
        var temporaryRoots = Directory.CreateDirectory($"{_store.Location.StateDirectory}/temproots").FullName;
        space.MountMemory(temporaryRoots, "size=8k");
        using var roots = TemporaryRoots.Open(_store.Location, CancellationToken.None);
        File.WriteAllText($"{temporaryRoots}/.ballast", new string('x', 4096));
        var added = 0;

        var error = Assert.Throws<StoreIOException>(() =>
        {
            for (; added < 1000; added++)
            {
                roots.Add(SmallStore.PathOf($"p{added:d3}"), CancellationToken.None);
            }
        });

        Assert.Equal("DiskFull", error.ErrorId);
        Assert.EndsWith($"p{added - 1:d3}\0", Contents(), StringComparison.Ordinal);
        File.Delete($"{temporaryRoots}/.ballast");
        roots.Add(SmallStore.PathOf($"p{added:d3}"), CancellationToken.None);
        Assert.Equal(added + 1, Contents().Split('\0', StringSplitOptions.RemoveEmptyEntries).Count(path => path.Length == _store.Full("p000").Length));
    });

    private string RootsFile() => Assert.Single(Directory.EnumerateFiles($"{_store.Location.StateDirectory}/temproots", $"{Environment.ProcessId}-*"));

    private string Contents()
    {
        // Not File.ReadAllText: .NET takes a lock of the same kind.
        using var file = Posix.Open(RootsFile(), OpenFlags.ReadOnly);
        return Encoding.UTF8.GetString(Posix.ReadAll(file));
    }

    private FileDescriptor HoldCollectorLock()
    {
        var file = Posix.Open($"{_store.Location.StateDirectory}/gc.lock", OpenFlags.ReadWrite | OpenFlags.Create, 0x180);
        Assert.True(Posix.TryFlock(file, LockMode.Exclusive));
        return file;
    }

    private Socket Listen()
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var directory = Directory.CreateDirectory($"{_store.Location.StateDirectory}/gc-socket").FullName;
        listener.Bind(new UnixDomainSocketEndPoint($"{directory}/socket"));
        listener.Listen();
        return listener;
    }

    private static async Task<string> Receive(Socket connection)
    {
        var buffer = new byte[1000];
        return Encoding.UTF8.GetString(buffer, 0, await connection.ReceiveAsync(buffer));
    }
}
