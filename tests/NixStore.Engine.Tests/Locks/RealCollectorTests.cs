using NixStore.Engine.Locks;
using NixStore.Engine.Native;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Locks;

/// <summary>Temporary roots as the collectors of real Nix see them.</summary>
public sealed class RealCollectorTests : IDisposable
{
    private readonly SmallStore _store = new("a", "b", "dead");

    public void Dispose() => _store.Dispose();

    [SkippableTheory]
    [MemberData(nameof(RealNix.Versions), MemberType = typeof(RealNix))]
    public void What_is_protected_before_a_collection_survives_with_all_it_needs(string version)
    {
        var nix = RealNix.Require(version);
        using var roots = TemporaryRoots.Open(_store.Location, CancellationToken.None);
        roots.Add(SmallStore.PathOf("b"), CancellationToken.None);

        nix.Store(_store.Location, "--gc");

        Assert.Equal((true, true, false), (Exists("a"), Exists("b"), Exists("dead")));
    }

    [SkippableTheory]
    [InlineData("nix234")]
    [InlineData("nix226")]
    public void What_is_protected_after_a_collector_has_read_the_roots_survives(string version)
    {
        var nix = RealNix.Require(version);
        using var roots = TemporaryRoots.Open(_store.Location, CancellationToken.None);
        using var collector = new PausedCollector(nix, _store.Location, 2, _store.Beside("."));

        roots.Add(SmallStore.PathOf("b"), CancellationToken.None);
        collector.Finish();

        Assert.True(Exists("b"));
        Assert.False(Exists("dead"));
        Assert.True(Posix.TryStatus(_store.Location.RealPathOf(SmallStore.PathOf("a")), out _, out _));
    }

    [SkippableTheory]
    [InlineData("nix234")]
    [InlineData("nix226")]
    public async Task A_collector_that_does_not_listen_yet_is_waited_for(string version)
    {
        var nix = RealNix.Require(version);
        using var roots = TemporaryRoots.Open(_store.Location, CancellationToken.None);
        using var collector = new PausedCollector(nix, _store.Location, 1, _store.Beside("."));

        var adding = Task.Run(() => roots.Add(SmallStore.PathOf("b"), CancellationToken.None));
        collector.Finish();
        await adding;

        using var file = Posix.Open(Assert.Single(Directory.EnumerateFiles($"{_store.Location.StateDirectory}/temproots")), OpenFlags.ReadOnly);
        Assert.Equal(_store.Full("b") + "\0", ByteName.ToDisplay(Posix.ReadAll(file)) + "\0");
    }

    [SkippableFact]
    public void Afterwards_what_was_protected_is_garbage_again()
    {
        var nix = RealNix.Require();
        using (var roots = TemporaryRoots.Open(_store.Location, CancellationToken.None))
        {
            roots.Add(SmallStore.PathOf("b"), CancellationToken.None);
        }

        nix.Store(_store.Location, "--gc");

        Assert.False(Exists("b"));
    }

    [SkippableTheory]
    [MemberData(nameof(RealNix.Versions), MemberType = typeof(RealNix))]
    public void The_file_of_a_process_that_was_killed_is_seen_as_stale_and_removed(string version)
    {
        // What a killed process of ours leaves: the file with its name and contents, and nobody who holds its lock.
        var nix = RealNix.Require(version);
        string left;
        using (var roots = TemporaryRoots.Open(_store.Location, CancellationToken.None))
        {
            roots.Add(SmallStore.PathOf("b"), CancellationToken.None);
            left = Assert.Single(Directory.EnumerateFiles($"{_store.Location.StateDirectory}/temproots"));
            Command.Run("cp", left, left + "0");
        }

        nix.Store(_store.Location, "--gc");

        Assert.False(File.Exists(left + "0"));
        Assert.False(Exists("b"));
    }

    private bool Exists(string name) => File.Exists(_store.Location.RealPathOf(SmallStore.PathOf(name)));
}
