using NixStore.Engine.Generations;
using NixStore.Engine.Locks;
using NixStore.Engine.Native;

namespace NixStore.Engine.Tests.Generations;

public sealed class GenerationChangesTests : IDisposable
{
    private readonly ProfileLab _lab = new();

    [Fact]
    public void Removing_takes_what_was_agreed_to_and_leaves_no_lock()
    {
        var path = _lab.Make("lab", 3, "one", "two", "three", "four");
        var generations = _lab.At(path).ReadGenerations();

        var (removed, errors) = Remove(path, new NamedGenerations([1, 2, 3], mayBeAbsent: false), [generations[0], generations[2]]);

        Assert.Equal([1], removed);
        Assert.Equal(["GenerationInUse"], errors);
        Assert.Equal([2, 3, 4], _lab.NumbersOf(path));
        Assert.Equal(["lab", "lab-2-link", "lab-3-link", "lab-4-link"], Directory.EnumerateFileSystemEntries(_lab.Profiles, "*lab*").Select(Path.GetFileName).Order());
    }

    [Fact]
    public void What_became_current_or_another_since_it_was_agreed_to_stays()
    {
        var path = _lab.Make("lab", 3, "one", "two", "three");
        var generations = _lab.At(path).ReadGenerations();
        File.Delete(path);
        File.CreateSymbolicLink(path, "lab-1-link");
        File.Delete($"{path}-2-link");
        File.CreateSymbolicLink($"{path}-2-link", _lab.Store.Full("four"));

        var (removed, errors) = Remove(path, new NamedGenerations([1, 2], mayBeAbsent: false), generations);

        Assert.Empty(removed);
        Assert.Equal(["GenerationInUse"], errors);
        Assert.Equal([1, 2, 3], _lab.NumbersOf(path));
    }

    [Fact]
    public void A_locked_profile_is_waited_for_and_then_given_up()
    {
        var path = _lab.Make("lab", 2, "one", "two");
        using var directory = Posix.Open(_lab.Profiles, OpenFlags.ReadOnly | OpenFlags.Directory);
        using var held = PathLock.Acquire(directory, "lab", TimeSpan.Zero, CancellationToken.None, "this test");
        var generations = _lab.At(path).ReadGenerations();

        var error = Assert.Throws<NixStoreException>(() => Remove(path, new RetentionRules { KeepLast = 1 }, generations));
        Assert.Equal("StoreLocked", error.ErrorId);
        using var database = _lab.OpenDatabase();
        Assert.Equal("StoreLocked", Assert.Throws<NixStoreException>(
            () => GenerationSwitcher.Switch(_lab.At(path), generations[0], database, TimeSpan.Zero, CancellationToken.None)).ErrorId);
        Assert.Equal([1, 2], _lab.NumbersOf(path));
    }

    [Fact]
    public void Switching_replaces_the_link_by_one_as_nix_writes_it()
    {
        var path = _lab.Make("lab", 3, "one", "two", "three");
        File.CreateSymbolicLink($"{_lab.Profiles}/.lab.switching", "left by a kill");

        var generation = Switch(path, GenerationSwitcher.Find(_lab.At(path), null));

        Assert.True(generation is { Number: 2, IsCurrent: true, IsInUse: true });
        Assert.Equal("lab-2-link", new FileInfo(path).LinkTarget);
        Assert.Equal(["lab", "lab-1-link", "lab-2-link", "lab-3-link"], Directory.EnumerateFileSystemEntries(_lab.Profiles, "*lab*").Select(Path.GetFileName).Order());
        Assert.Equal(3, Switch(path, GenerationSwitcher.Find(_lab.At(path), 3)).Number);
        Assert.Empty(Directory.EnumerateFileSystemEntries($"{_lab.Store.Location.StateDirectory}/temproots"));
    }

    [Fact]
    public void There_must_be_a_generation_to_switch_to()
    {
        var path = _lab.Make("lab", 1, "one", "two");
        Assert.Equal("NoOlderGeneration", Assert.Throws<NixStoreException>(() => GenerationSwitcher.Find(_lab.At(path), null)).ErrorId);
        Assert.Equal("GenerationNotFound", Assert.Throws<NixStoreException>(() => GenerationSwitcher.Find(_lab.At(path), 7)).ErrorId);
        File.Delete(path);
        Assert.Equal("CurrentGenerationUnknown", Assert.Throws<NixStoreException>(() => GenerationSwitcher.Find(_lab.At(path), null)).ErrorId);
    }

    [Fact]
    public void What_is_not_valid_cannot_be_switched_to()
    {
        var path = _lab.Make("lab", 1, "one", "two", "unregistered", "four");
        File.CreateSymbolicLink($"{path}-5-link", "/elsewhere");
        File.Delete(_lab.Store.Location.RealPathOf(Laboratory.SmallStore.PathOf("four")));

        foreach (var number in new long[] { 3, 4, 5 })
        {
            Assert.Equal("GenerationNotValid",
                Assert.Throws<NixStoreException>(() => Switch(path, GenerationSwitcher.Find(_lab.At(path), number))).ErrorId);
        }

        Assert.Equal("lab-1-link", new FileInfo(path).LinkTarget);
    }

    public void Dispose() => _lab.Dispose();

    private StoreGeneration Switch(string path, StoreGeneration target)
    {
        using var database = _lab.OpenDatabase();
        return GenerationSwitcher.Switch(_lab.At(path), target, database, TimeSpan.Zero, CancellationToken.None);
    }

    private (long[] Removed, string[] Errors) Remove(string path, IGenerationSelection selection, IReadOnlyCollection<StoreGeneration> approved)
    {
        var removed = new List<long>();
        var errors = new List<string>();
        GenerationRemover.Remove(_lab.At(path), selection, approved, TimeSpan.Zero, generation => removed.Add(generation.Number),
            error => errors.Add(error.ErrorId), CancellationToken.None);
        return ([.. removed], [.. errors]);
    }
}
