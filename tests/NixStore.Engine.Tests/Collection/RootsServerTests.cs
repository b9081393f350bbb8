using System.Net.Sockets;
using System.Text;
using NixStore.Engine.Collection;
using NixStore.Engine.Locks;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Collection;

/// <summary>The socket as clients see it that know the protocol and nothing else of us.</summary>
public sealed class RootsServerTests : IDisposable
{
    private readonly SmallStore _store = new("a", "b");
    private readonly LateRoots _roots = new();
    private readonly List<StorePath> _received = [];

    public void Dispose() => _store.Dispose();

    [Fact]
    public void A_path_is_a_root_when_it_is_answered()
    {
        using var server = Start();
        using var client = Connect();

        Assert.Equal("1", Ask(client, _store.Full("a") + "\n"));
        Assert.True(_roots.Contains(SmallStore.PathOf("a").HashPart));
        Assert.Equal([SmallStore.PathOf("a")], _received);
    }

    [Theory]
    [InlineData("garbage\n")]
    [InlineData("\n")]
    [InlineData("/nix/store\n")]
    [InlineData("/nix/store/short\n")]
    [InlineData("/elsewhere/ffffffffffffffffffffffffffffffff-x\n")]
    public void What_is_no_path_is_answered_and_is_no_root(string line)
    {
        using var server = Start();
        using var client = Connect();

        Assert.Equal("1", Ask(client, line));
        Assert.Empty(_received);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_answered()
    {
        using var server = Start();
        using var client = Connect();

        client.Send([0xff, 0xfe, 0, (byte)'\n']);

        Assert.Equal("1", Receive(client, 1));
    }

    [Fact]
    public void Many_lines_at_once_and_a_line_in_pieces_are_answered_one_by_one()
    {
        using var server = Start();
        using var client = Connect();

        Assert.Equal("111", Ask(client, $"{_store.Full("a")}\nx\n{_store.Full("b")}\n{_store.Full("a")[..20]}", 3));
        Assert.Equal("1", Ask(client, _store.Full("a")[20..] + "\n"));
        Assert.Equal(3, _received.Count);
    }

    [Fact]
    public void A_line_without_end_ends_the_connection_and_no_other()
    {
        using var server = Start();
        using var client = Connect();
        using var other = Connect();

        try
        {
            client.Send(Encoding.ASCII.GetBytes(new string('x', 100_000)));
            Assert.Equal(0, client.Receive(new byte[1]));
        }
        catch (SocketException)
        {
            // Reset, as there was more to read.
        }

        Assert.Equal("1", Ask(other, _store.Full("b") + "\n"));
    }

    [Fact]
    public void A_root_for_what_is_being_deleted_is_answered_when_that_is_over_and_others_at_once()
    {
        using var server = Start();
        using var waiting = Connect();
        using var other = Connect();
        Assert.Empty(_roots.Begin(["a"], name => SmallStore.PathOf(name).HashPart));

        waiting.Send(Encoding.ASCII.GetBytes(_store.Full("a") + "\n"));
        Assert.Equal("1", Ask(other, _store.Full("b") + "\n"));
        Assert.False(waiting.Poll(TimeSpan.FromMilliseconds(100), SelectMode.SelectRead));
        Assert.DoesNotContain(SmallStore.PathOf("a"), _received);

        _roots.End(SmallStore.PathOf("a").HashPart);
        Assert.Equal("1", Receive(waiting, 1));
        Assert.Contains(SmallStore.PathOf("a"), _received);
    }

    [Fact]
    public void A_client_that_goes_away_does_no_harm()
    {
        using var server = Start();
        for (var i = 0; i < 20; i++)
        {
            using var client = Connect();
            client.Send(Encoding.ASCII.GetBytes(_store.Full("a")));
        }

        using var last = Connect();
        Assert.Equal("1", Ask(last, _store.Full("b") + "\n"));
    }

    [Fact]
    public void Our_own_temporary_roots_arrive_while_the_lock_is_held()
    {
        using var held = CollectorLock.Acquire(_store.Location, TimeSpan.Zero, null, CancellationToken.None);
        using var server = Start();
        using var temporary = TemporaryRoots.Open(_store.Location, CancellationToken.None);

        temporary.Add(SmallStore.PathOf("b"), CancellationToken.None);

        Assert.Equal([SmallStore.PathOf("b")], _received);
    }

    [Fact]
    public void The_socket_of_a_killed_collection_is_replaced_and_everybody_may_connect()
    {
        Directory.CreateDirectory($"{_store.Location.StateDirectory}/gc-socket");
        File.WriteAllText(SocketPath, "");

        using var server = Start();

        Assert.Equal((UnixFileMode)0b110_110_110, File.GetUnixFileMode(SocketPath));
        using var client = Connect();
    }

    [Fact]
    public void After_its_end_clients_are_refused_and_those_connected_see_the_end()
    {
        var server = Start();
        using var client = Connect();
        Assert.Equal("1", Ask(client, "x\n"));

        server.Dispose();

        Assert.Equal(0, client.Receive(new byte[1]));
        Assert.Throws<SocketException>(Connect);
    }

    private string SocketPath => $"{_store.Location.StateDirectory}/gc-socket/socket";

    private RootsServer Start() => RootsServer.Start(_store.Location, _roots, _received.Add);

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 120_000 };
        socket.Connect(new UnixDomainSocketEndPoint(SocketPath));
        return socket;
    }

    private static string Ask(Socket client, string lines, int answers = 1)
    {
        client.Send(Encoding.ASCII.GetBytes(lines));
        return Receive(client, answers);
    }

    private static string Receive(Socket client, int count)
    {
        var answers = new byte[count];
        for (var received = 0; received < count;)
        {
            var length = client.Receive(answers.AsSpan(received));
            Assert.True(length > 0, "the connection ended");
            received += length;
        }

        return Encoding.ASCII.GetString(answers);
    }
}
