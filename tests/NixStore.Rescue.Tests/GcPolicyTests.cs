using NixStore.Rescue.Tests.Support;

namespace NixStore.Rescue.Tests;

public sealed class GcPolicyTests : IDisposable
{
    private readonly SampleStore _store = new();

    public GcPolicyTests()
    {
        // Generation 1 keeps one, 2 keeps two, and 3, the current one, keeps three.
        Directory.CreateDirectory(Profiles);
        string[] names = ["one", "two", "three"];
        for (var i = 0; i < names.Length; i++)
        {
            var link = $"{Profiles}/default-{i + 1}-link";
            File.CreateSymbolicLink(link, _store.Logical(names[i]));
            SetTime(link, DateTime.UtcNow.AddDays(10 * (i - 3)));
        }

        File.CreateSymbolicLink($"{Profiles}/default", "default-3-link");
    }

    private string Profiles => $"{_store.StoreDirectory}/../var/nix/profiles";

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Without_rules_generations_keep_what_they_have()
    {
        Assert.Equal(0, Nixstore.Run("gc", "--store", _store.Url).Code);
        Assert.Equal(["default", "default-1-link", "default-2-link", "default-3-link"], Links());
        Assert.True(File.Exists(_store.Real("one")));
    }

    [Fact]
    public void A_dry_run_takes_them_for_removed_and_removes_nothing()
    {
        var run = Nixstore.Run("gc", "--store", _store.Url, "--keep-generations", "1", "--print-dead");
        Assert.Equal(new[] { _store.Logical("one"), _store.Logical("two") }.Order(), run.Lines.Order());
        Assert.Equal(4, Links().Length);
    }

    [Fact]
    public void Their_number_is_kept()
    {
        var run = Nixstore.Run("gc", "--store", _store.Url, "--keep-generations", "2", "--json");
        Assert.Equal(0, run.Code);
        Assert.Equal(["default", "default-2-link", "default-3-link"], Links());
        Assert.Contains(run.Lines, line => line.Contains("\"removedGeneration\":", StringComparison.Ordinal) && line.Contains("default-1-link", StringComparison.Ordinal));
        Assert.False(File.Exists(_store.Real("one")));
        Assert.True(File.Exists(_store.Real("two")));
    }

    [Fact]
    public void The_one_that_was_active_at_the_moment_is_kept()
    {
        Assert.Equal(0, Nixstore.Run("gc", "--store", _store.Url, "--delete-older-than", "15d").Code);
        Assert.Equal(["default", "default-2-link", "default-3-link"], Links());
    }

    [Fact]
    public void What_is_registered_too_late_stays()
    {
        File.Delete($"{Profiles}/default-1-link");
        Assert.Equal(0, Nixstore.Run("gc", "--store", _store.Url, "--registered-before", "1d").Code);
        Assert.True(File.Exists(_store.Real("one")));
        Assert.Equal(0, Nixstore.Run("gc", "--store", _store.Url, "--ensure-free", "1").Code);
        Assert.True(File.Exists(_store.Real("one")));
        Assert.Equal(0, Nixstore.Run("gc", "--store", _store.Url, "--ensure-free", "9000000000000000000").Code);
        Assert.False(File.Exists(_store.Real("one")));
    }

    [Theory]
    [InlineData("--delete-older-than", "14")]
    [InlineData("--unused-for", "soon")]
    [InlineData("--keep-generations", "0")]
    public void Wrong_options_are_refused(params string[] options)
    {
        Assert.Equal(2, Nixstore.Run(["gc", "--store", _store.Url, .. options]).Code);
        Assert.Equal(4, Links().Length);
    }

    private string[] Links() => [.. Directory.EnumerateFileSystemEntries(Profiles).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    private static void SetTime(string link, DateTime time)
    {
        using var touch = System.Diagnostics.Process.Start("touch", ["-h", "-d", time.ToString("yyyy-MM-ddTHH:mm:ssZ"), link]);
        touch.WaitForExit();
        Assert.Equal(0, touch.ExitCode);
    }
}
