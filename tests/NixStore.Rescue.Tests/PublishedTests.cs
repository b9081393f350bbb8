using System.Diagnostics;
using NixStore.Rescue.Tests.Support;

namespace NixStore.Rescue.Tests;

/// <summary>What concerns only the executable as it is published.</summary>
public sealed class PublishedTests : IDisposable
{
    private readonly SampleStore _store = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("nixstore-test-").FullName;

    public void Dispose()
    {
        _store.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [SkippableFact]
    public void Copied_alone_it_runs_or_says_what_it_needs()
    {
        Skip.If(Nixstore.Published is null, "NOT PUBLISHED: build/xunit.sh publishes it where there is a C compiler");
        var needsLibrary = File.Exists(Path.Join(Path.GetDirectoryName(Nixstore.Published), "libe_sqlite3.so"));

        // Another process copies it: a file that this one has written cannot be run while a process that another test is just starting has it open.
        using (var copying = Process.Start("cp", [Nixstore.Published!, $"{_directory}/nixstore"]))
        {
            copying.WaitForExit();
            Assert.Equal(0, copying.ExitCode);
        }

        var run = Nixstore.RunProgram($"{_directory}/nixstore", "list", "--store", _store.Url);

        Assert.Equal(needsLibrary ? 3 : 0, run.Code);
        Assert.Equal(needsLibrary, run.Errors.Contains("libe_sqlite3.so in the same directory", StringComparison.Ordinal));
    }
}
