using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Storage;

public sealed class TemporaryFolderTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    // No process has such a number: that of one that has ended may be another one's by now.
    private const int Dead = int.MaxValue - 1;

    [Fact]
    public void What_a_killed_process_has_left_goes_and_nothing_else()
    {
        const int dead = Dead;
        var (left, file, running, foreign) = (_directory / $"nixstore-certificate-{dead}-0123", _directory / $"nixstore-answer-{dead}-0123", _directory / $"nixstore-copy-{Environment.ProcessId}-0123", _directory / $"other-copy-{dead}-0123");
        var (named, link) = (_directory / "nixstore-clickhouse-T3YUdB", _directory / $"nixstore-plan-{dead}-0123");
        foreach (var folder in new[] { left, running, foreign, named })
        {
            Directory.CreateDirectory(Path.Combine(folder, "narinfos"));
            File.WriteAllText(Path.Combine(folder, "narinfos", "1.parquet"), "x");
        }

        File.WriteAllText(file, "x");
        Directory.CreateSymbolicLink(link, foreign);
        TemporaryFolder.Clean(_directory.Path);
        Assert.Equal(new[] { named, running, foreign }.Order(StringComparer.Ordinal), Directory.EnumerateFileSystemEntries(_directory.Path).Order(StringComparer.Ordinal));
        Assert.True(File.Exists(Path.Combine(foreign, "narinfos", "1.parquet")));
    }

    [Fact]
    public void Names_say_whose_they_are_and_files_have_none()
    {
        Assert.Matches($"/nixstore-plan-{Environment.ProcessId}-[0-9a-f]{{32}}$", TemporaryFolder.New("plan"));
        Assert.NotEqual(TemporaryFolder.New("plan"), TemporaryFolder.New("plan"));

        // Other tests of this process have files of other names for a moment.
        using var file = TemporaryFolder.OpenFile("nameless");
        file.Write("text"u8);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.GetTempPath(), $"nixstore-nameless-{Environment.ProcessId}-*"));
    }

    [Fact]
    public void The_next_process_cleans()
    {
        var left = _directory / $"nixstore-certificate-{Dead}-0123";
        Directory.CreateDirectory(Path.Combine(left, "narinfos"));
        using (var source = CatalogWriter.Open(_directory / "source", new CatalogManifest()))
        {
            source.AddNarInfos(("a", "nar/a", [], "2026-01-01")).ToCatalog();
        }

        Assert.True(KilledRun.Run(null, new Dictionary<string, string?> { ["TMPDIR"] = _directory.Path }, "copy", _directory / "source", _directory / "copy"));
        Assert.False(Directory.Exists(left));
    }
}
