using NixStore.Engine.Collection;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Collection;

public sealed class LateRootsTests
{
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(100);
    private readonly LateRoots _roots = new();
    private readonly StorePath _path = SmallStore.PathOf("a");

    [Fact]
    public void What_is_a_root_is_not_begun()
    {
        _roots.Add(_path);

        Assert.Equal(["a"], Begin("a", "b"));
        Assert.True(_roots.Contains(_path.HashPart));
    }

    [Fact]
    public void Other_things_with_the_hash_part_of_a_root_stay_as_well()
    {
        _roots.Add(StorePath.FromParts(_path.HashPart, "a.lock"));

        Assert.Equal(["a"], Begin("a"));
    }

    [Fact]
    public async Task A_root_for_what_is_being_deleted_is_answered_when_that_is_over()
    {
        Assert.Empty(Begin("a", "b"));
        var adding = AddAndWait();

        Assert.NotSame(adding, await Task.WhenAny(adding, Task.Delay(s_moment)));
        _roots.End(SmallStore.PathOf("b").HashPart);
        Assert.NotSame(adding, await Task.WhenAny(adding, Task.Delay(s_moment)));
        _roots.End(_path.HashPart);
        await adding.WaitAsync(TimeSpan.FromMinutes(2));

        // It counted from the first moment: what is begun later stays.
        Assert.Equal(["a"], Begin("a"));
    }

    [Fact]
    public async Task Of_two_things_with_one_hash_part_both_are_waited_for()
    {
        Assert.Empty(Begin("a", "a"));
        var adding = AddAndWait();

        _roots.End(_path.HashPart);
        Assert.NotSame(adding, await Task.WhenAny(adding, Task.Delay(s_moment)));
        _roots.End(_path.HashPart);

        await adding.WaitAsync(TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task A_root_for_anything_else_does_not_wait()
    {
        Assert.Empty(Begin("b"));

        await Task.Run(() => _roots.AddAndWait(_path)).WaitAsync(TimeSpan.FromMinutes(2));
    }

    [Fact]
    public void What_has_no_hash_part_cannot_be_a_root()
    {
        _roots.Add(_path);

        Assert.Empty(_roots.Begin(["junk"], _ => null));
        _roots.End(null);
    }

    [Fact]
    public async Task From_many_threads_no_root_is_answered_while_its_path_is_being_deleted()
    {
        var deleting = new int[8];
        var names = Enumerable.Range(0, deleting.Length).Select(i => $"n{i}").ToArray();
        var clients = names.Select((name, i) => Task.Run(() =>
        {
            Thread.Sleep(Random.Shared.Next(3));
            _roots.AddAndWait(SmallStore.PathOf(name));
            return Volatile.Read(ref deleting[i]);
        })).ToList();

        for (var round = 0; round < 20 || !clients.TrueForAll(client => client.IsCompleted); round++)
        {
            var begun = names.Select((name, i) => (name, i)).Where(one => _roots.Begin([one.name], HashPartOf).Count == 0).ToList();
            begun.ForEach(one => Volatile.Write(ref deleting[one.i], 1));
            Thread.Yield();
            begun.ForEach(one =>
            {
                Volatile.Write(ref deleting[one.i], 0);
                _roots.End(HashPartOf(one.name));
            });
        }

        Assert.All(await Task.WhenAll(clients), seen => Assert.Equal(0, seen));
    }

    /// <summary>Adds the path on another thread, and comes back when it counts.</summary>
    private Task AddAndWait()
    {
        var adding = Task.Run(() => _roots.AddAndWait(_path));
        Assert.True(SpinWait.SpinUntil(() => _roots.Contains(_path.HashPart), TimeSpan.FromMinutes(2)));
        return adding;
    }

    private static string HashPartOf(string name) => SmallStore.PathOf(name).HashPart;

    private IReadOnlyList<string> Begin(params string[] names) => _roots.Begin(names, HashPartOf);
}
