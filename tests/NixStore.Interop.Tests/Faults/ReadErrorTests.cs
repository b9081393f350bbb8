using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Faults;

/// <summary>A disk that cannot read a file any more: the path is named, the rest goes on, and a repair replaces the file.</summary>
[Collection(LabCollection.Name)]
public sealed class ReadErrorTests(Lab lab)
{
    [SkippableFact]
    public void A_file_that_cannot_be_read_is_a_finding_with_its_name_and_the_rest_is_verified()
    {
        using var store = new StoreUnderTest(optimised: false);

        var run = RunWithReadError(store, "", [RescueProgram.Path, "verify", "--json", "--jobs", "1", "--store", store.Root]);

        Assert.Equal(1, run.ExitCode);
        var line = Assert.Single(run.Output.Split('\n'), line => line.Contains("\"invalid\":true", StringComparison.Ordinal));
        Assert.Contains(store.PathOf("libfoo3-1.3"), line, StringComparison.Ordinal);
        Assert.Contains("\"ReadError\"", line, StringComparison.Ordinal);
        Assert.Contains("lib/libfoo.so.1.0", line, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_file_that_cannot_be_read_is_replaced()
    {
        using var store = new StoreUnderTest(optimised: false);
        var file = $"{store.RealPathOf("libfoo3-1.3")}/lib/libfoo.so.1.0";
        var contents = File.ReadAllBytes(file);
        var inode = Command.Run("stat", "-c", "%i", file);

        // Each thread's first reading fails: the check's, and that of the repair which looks again. What is there afterwards is a new file.
        var run = RunWithReadError(store, ":when=1", RescueProgram.Repair(store.Root, lab.CacheOf(optimised: false)));

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.NotEqual(inode, Command.Run("stat", "-c", "%i", file));
        Assert.Equal(contents, File.ReadAllBytes(file));
        Assert.Empty(store.Check());
    }

    [SkippableFact]
    public void A_directory_that_cannot_be_listed_is_replaced()
    {
        using var store = new StoreUnderTest(optimised: false);
        var directory = $"{store.RealPathOf("libfoo3-1.3")}/lib";
        var inode = Command.Run("stat", "-c", "%i", directory);

        // Listing fails for the check, for the repair that looks again, and for the comparison with the cache's archive.
        var run = RunWithErrors(store, directory, "getdents64", ":when=1..2", RescueProgram.Repair(store.Root, lab.CacheOf(optimised: false)));

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.NotEqual(inode, Command.Run("stat", "-c", "%i", directory));
        Assert.DoesNotContain(store.Check(), path => path.Invalid);
    }

    /// <summary>Fails reads of one file, as <paramref name="when"/> says: strace's language.</summary>
    private static CommandResult RunWithReadError(StoreUnderTest store, string when, string[] commandLine)
        => RunWithErrors(store, $"{store.RealPathOf("libfoo3-1.3")}/lib/libfoo.so.1.0", "read,pread64", when, commandLine);

    private static CommandResult RunWithErrors(StoreUnderTest store, string file, string calls, string when, string[] commandLine)
    {
        Skip.IfNot(Command.Exists("strace"), "TOOLS MISSING: strace");

        // The file by its path, and as it is called in a clone of the store's mount, which readers use.
        return Command.Try(RescueProgram.Environment, "strace",
            ["-f", "-qq", "-o", "/dev/null", "-P", file, "-P", file[store.Location.RealDirectory.Length..], "-e", $"trace={calls}",
                "-e", $"inject={calls}:error=EIO{when}", .. commandLine]);
    }
}
