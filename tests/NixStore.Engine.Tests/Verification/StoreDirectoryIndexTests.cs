using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Tests.Verification;

public sealed class StoreDirectoryIndexTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly StoreLocation _store;

    public StoreDirectoryIndexTests() => _store = StoreLocator.Locate($"local?real={_directory.Path}");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Thousands_of_names_are_found_and_no_other()
    {
        for (var number = 0; number < 10_000; number++)
        {
            File.WriteAllText(_directory[$"n{number}"], "");
        }

        var index = StoreDirectoryIndex.Read(_store);

        Assert.Equal(10_000, index.Count);
        for (var number = 0; number < 10_000; number += 2)
        {
            Assert.True(index.Contains($"n{number}"));
            Assert.False(index.Contains($"m{number}"));
        }

        Assert.Equal(Enumerable.Range(0, 5000).Select(half => $"n{(2 * half) + 1}").Order(StringComparer.Ordinal),
            index.ReadUnasked().Select(name => ByteName.ToDisplay(name)));
    }

    [Fact]
    public void The_links_directory_is_no_path()
    {
        Directory.CreateDirectory(_directory[".links"]);

        var index = StoreDirectoryIndex.Read(_store);

        Assert.Equal((0, false), (index.Count, index.Contains(".links")));
        Assert.Empty(index.ReadUnasked());
    }

    [Fact]
    public void A_name_that_no_file_system_has_is_not_found()
        => Assert.False(StoreDirectoryIndex.Read(_store).Contains(new string('x', 100_000)));

    [Fact]
    public void A_missing_directory_is_as_good_as_an_empty_one()
    {
        var index = StoreDirectoryIndex.Read(_store with { RealDirectory = _directory["absent"] });

        Assert.Equal(0, index.Count);
        Assert.Empty(index.ReadUnasked());
    }

    [Fact]
    public void A_file_in_its_place_is_an_error()
    {
        File.WriteAllText(_directory["file"], "");

        Assert.Equal("PathNotFound", Assert.Throws<StoreIOException>(
            () => StoreDirectoryIndex.Read(_store with { RealDirectory = _directory["file"] })).ErrorId);
    }
}
