using System.Net.Sockets;
using System.Text;
using NixStore.Engine.Collection;
using NixStore.Engine.Database;
using NixStore.Engine.Liveness;
using NixStore.Engine.Native;
using NixStore.Engine.Planning;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Collection;

/// <summary>Collections of small stores, and what others do meanwhile: <see cref="CollectionRequest.Choose"/> is called between the look and the deletions.</summary>
public sealed class CollectorTests : IDisposable
{
    private readonly SmallStore _store = new("a", "b", "c");
    private readonly List<StoreCollectionItem> _items = [];

    public CollectorTests()
    {
        Skip.IfNot(Environment.IsPrivilegedProcess, "NOT ROOT: the roots of other users' processes cannot be read");
        _store.Add("dead");
    }

    public void Dispose() => _store.Dispose();

    [SkippableFact]
    public void A_path_that_a_foreign_client_names_stays_with_what_it_refers_to()
    {
        var result = Collect(() =>
        {
            using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            client.Connect(new UnixDomainSocketEndPoint($"{_store.Location.StateDirectory}/gc-socket/socket"));
            foreach (var line in new[] { _store.Full("b"), "garbage", "" })
            {
                client.Send(Encoding.ASCII.GetBytes(line + "\n"));
                var answer = new byte[2];
                Assert.Equal(1, client.Receive(answer));
                Assert.Equal((byte)'1', answer[0]);
            }
        });

        Assert.Equal(["a", "b"], Present());
        Assert.Equal((2, 2, 0), (result.RemovedCount, result.InUseCount, result.FailedCount));
        Assert.Equal([_store.Full("b"), _store.Full("a")], _items.Where(item => item.Outcome == CollectionOutcome.InUse).Select(item => item.Path));
        var entries = CollectionJournal.Read(result.Journal);
        Assert.Contains(entries, entry => entry is RootReceived root && root.Path == _store.Full("b"));
        Assert.Equal([_store.Full("c"), _store.Full("dead")], entries.OfType<ThingRemoved>().Select(removed => removed.Path).Order(StringComparer.Ordinal).OrderBy(path => path.EndsWith("dead", StringComparison.Ordinal)));
    }

    [SkippableFact]
    public void A_path_that_is_registered_meanwhile_and_refers_to_garbage_keeps_it()
    {
        Collect(() => _store.Add("new", SmallStore.PathOf("c")));

        Assert.Equal(["a", "b", "c", "new"], Present());
    }

    [SkippableFact]
    public void While_another_collection_runs_nothing_is_done()
    {
        using var other = Posix.Open($"{_store.Location.StateDirectory}/gc.lock", OpenFlags.ReadWrite | OpenFlags.Create, 0x180);
        Assert.True(Posix.TryFlock(other, LockMode.Exclusive));

        var error = Assert.Throws<NixStoreException>(() => Collect(() => Assert.Fail("It looked although it was locked.")));

        Assert.Equal("StoreLocked", error.ErrorId);
        Assert.Equal(["a", "b", "c", "dead"], Present());
    }

    [SkippableFact]
    public void An_interrupted_collection_has_a_journal_without_end_and_the_next_goes_on()
    {
        using var cancellation = new CancellationTokenSource();

        Assert.Throws<OperationCanceledException>(() => Collect(cancellation.Cancel, cancellation.Token));
        Assert.Equal(["a", "b", "c", "dead"], Present());

        Assert.Equal(4, Collect(() => { }).RemovedCount);
        Assert.Empty(Present());
    }

    private StoreCollection Collect(Action meanwhile, CancellationToken cancellation = default) => Collector.Collect(
        _store.Location,
        new CollectionRequest
        {
            Settings = new LivenessSettings(),
            Timeout = TimeSpan.FromMilliseconds(50),
            Workers = 2,
            Done = _items.Add,
            Choose = survey =>
            {
                meanwhile();
                return GarbagePlanner.Everything(survey, 2, CancellationToken.None);
            },
        },
        cancellation);

    /// <summary>The names that are both registered and there; nothing is only the one or the other.</summary>
    private IReadOnlyList<string> Present()
    {
        using var database = StoreDatabase.OpenForReading(_store.Location);
        string[] names = ["a", "b", "c", "dead", "new"];
        Assert.All(names, name => Assert.Equal(File.Exists(_store.Location.RealPathOf(SmallStore.PathOf(name))), database.IsRegistered(_store.Full(name))));
        return [.. names.Where(name => database.IsRegistered(_store.Full(name)))];
    }
}
