namespace NixStore.Engine.Tests.Laboratory;

public sealed class UntouchedTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Sees_nothing_where_nothing_happened()
    {
        File.WriteAllText(_directory["file"], "x");
        File.CreateSymbolicLink(_directory["link"], "file");

        new Untouched([_directory.Path]).Verify();
    }

    [SkippableFact]
    public void Sees_that_a_file_was_read()
    {
        File.WriteAllText(_directory["file"], "x");
        var untouched = new Untouched([_directory.Path]);

        File.ReadAllText(_directory["file"]);

        Skip.If(untouched.Differences().Count == 0, "NOATIME MOUNT: access times are not written here, so they prove nothing");
        Assert.Contains(_directory["file"], Assert.Single(untouched.Differences()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo y > file")]
    [InlineData("touch -d '@1' file")]
    [InlineData("chmod 600 file")]
    [InlineData("touch other")]
    [InlineData("rm file")]
    public void Sees_any_change(string change)
    {
        File.WriteAllText(_directory["file"], "x");
        var untouched = new Untouched([_directory.Path]);

        Command.Run("/bin/sh", "-c", $"cd {_directory.Path} && {change}");

        Assert.NotEmpty(untouched.Differences());
    }

    [Fact]
    public void Leaves_out_what_may_change()
    {
        File.WriteAllText(_directory["db.sqlite-shm"], "x");
        var untouched = new Untouched([_directory.Path], "-shm");

        File.WriteAllText(_directory["db.sqlite-shm"], "y");

        untouched.Verify();
    }
}
