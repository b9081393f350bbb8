using NixStore.Engine.Native;
using NixStore.Engine.Tests.Laboratory;
using NixStore.Engine.Trees;

namespace NixStore.Engine.Tests.Trees;

public sealed class DoomedTreeTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly FileDescriptor _parent;
    private readonly DoomedTree _tree = new();

    public DoomedTreeTests() => _parent = Posix.Open(_directory.Path, OpenFlags.ReadOnly | OpenFlags.Directory);

    public void Dispose()
    {
        _parent.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("echo x > t")]
    [InlineData("ln -s nowhere t")]
    [InlineData("mkfifo t")]
    [InlineData("mkdir t")]
    [InlineData("mkdir -p t/a/b t/c; echo x > t/a/b/file; ln -s /etc t/c/link; mkfifo t/pipe; chmod -R a-w t")]
    [InlineData("mkdir t; for i in $(seq 3000); do echo > t/a-file-with-a-long-name-number-$i; done")]
    [InlineData("mkdir t; echo > t/\"$(printf 'a\\nb\\351')\"")]
    [InlineData("mkdir -p t/a; chmod 000 t/a t")]
    public void Everything_goes(string script)
    {
        Make(script);
        Assert.True(Look());
        Assert.Null(_tree.Obstacle);

        _tree.Remove(_parent);

        Assert.True(_tree.RemovedAny);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory.Path));
    }

    [Fact]
    public void There_may_be_nothing()
    {
        Assert.False(Look());
    }

    [SkippableFact]
    public void A_tree_deeper_than_any_stack_goes()
    {
        Skip.IfNot(Command.Exists("python3"), "TOOLS MISSING: python3");
        Make("python3 -c 'import os; os.mkdir(\"t\"); os.chdir(\"t\"); [(os.mkdir(\"d\"), os.chdir(\"d\")) for _ in range(1000)]; open(\"file\", \"w\").close()'");

        Assert.True(Look());
        _tree.Remove(_parent);

        Assert.Equal(1002, _tree.FileCount);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory.Path));
    }

    [Fact]
    public void What_links_lead_to_stays()
    {
        Make("mkdir outside t; echo x > outside/file; ln -s ../outside t/directory; ln -s ../outside/file t/file");

        Look();
        _tree.Remove(_parent);

        Assert.True(File.Exists(_directory["outside/file"]));
    }

    [Fact]
    public void Sizes_are_those_of_the_disk()
    {
        Make("mkdir -p t/d; truncate -s 10M t/hole; head -c 100000 /dev/urandom > t/data; echo x > t/two; ln t/two outside; ln t/two t/d/again; sync -f t 2>/dev/null || sync");
        var expected = Command.Run("/bin/bash", "-euc", "cd \"$0\"; stat -c '%b %B' t t/d t/hole t/data | awk '{s += $1 * $2} END {print s}'", _directory.Path);

        Look();

        Assert.Equal(expected, $"{_tree.OwnBytes}");
        Assert.Equal(2, _tree.Shared.Count);
        Assert.All(_tree.Shared, file => Assert.Equal(3, file.LinkCount));
        Assert.Equal(6, _tree.FileCount);
    }

    [Fact]
    public void Looking_changes_nothing()
    {
        Make("mkdir -p t/d; echo x > t/d/file");
        var untouched = new Untouched([_directory["t"]]);

        Look();

        untouched.Verify();
    }

    [SkippableTheory]
    [InlineData("t/d/file", "+i")]
    [InlineData("t/d", "+i")]
    [InlineData("t", "+i")]
    public void An_immutable_file_is_an_obstacle_before_anything_is_removed(string file, string attribute)
    {
        Skip.IfNot(Command.Exists("chattr"), "TOOLS MISSING: chattr");
        Make("mkdir -p t/d; echo x > t/d/file");
        Skip.If(Command.Try(new Dictionary<string, string>(), "chattr", attribute, _directory[file]).ExitCode != 0, "NO IMMUTABLE FLAG: the file system of TMPDIR has none");
        try
        {
            Look();

            var error = Assert.IsType<StoreIOException>(_tree.Obstacle);
            Assert.Contains(_directory[file], error.Message, StringComparison.Ordinal);
        }
        finally
        {
            Command.Run("chattr", "-i", _directory[file]);
        }
    }

    [SkippableFact]
    public void Something_that_is_mounted_inside_is_an_obstacle_and_is_not_entered() => MountNamespace.Run(space =>
    {
        Make("mkdir -p t/d; echo x > t/file");
        space.MountMemory(_directory["t/d"], "size=1m");
        File.WriteAllText(_directory["t/d/precious"], "x");

        // Opened here: from the other's descriptor on, the mount does not exist.
        using var parent = Posix.Open(_directory.Path, OpenFlags.ReadOnly | OpenFlags.Directory);
        Assert.True(_tree.Look(parent, "t\0"u8));
        Assert.Contains(_directory["t/d"], Assert.IsType<StoreIOException>(_tree.Obstacle).Message, StringComparison.Ordinal);

        Assert.Throws<StoreIOException>(() => _tree.Remove(parent));
        Assert.True(Directory.Exists(_directory["t/d"]));
    });

    [Fact]
    public void What_was_added_since_the_look_goes_as_well_and_what_is_gone_is_no_error()
    {
        Make("mkdir -p t/a t/b t/c; echo x > t/a/file; echo x > t/b/file; echo x > t/c/file; chmod -R a-w t");
        Look();
        Make("chmod -R u+w t; mkdir -p t/a/new/deep; echo y > t/a/new/deep/file; rm -r t/b; rm t/c/file; mkdir t/c/file; echo z > t/c/file/inside; rm t/a/file; ln -s /etc t/a/file");

        _tree.Remove(_parent);

        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory.Path));
        Assert.True(Directory.Exists("/etc"));
    }

    [Fact]
    public async Task While_somebody_adds_files_it_goes_in_the_end_or_fails_and_says_so()
    {
        Make("mkdir -p t/a; for i in $(seq 500); do echo > t/a/$i; done");
        Look();
        using var stop = new CancellationTokenSource();
        var adding = Task.Run(() =>
        {
            for (var i = 0; i < 1000 && !stop.IsCancellationRequested; i++)
            {
                try
                {
                    File.WriteAllText(_directory[$"t/a/new{i}"], "");
                }
                catch (IOException)
                {
                    return;
                }
            }
        });

        try
        {
            _tree.Remove(_parent);
            Assert.False(Directory.Exists(_directory["t"]));
        }
        catch (StoreIOException error)
        {
            Assert.Contains("/t", error.Message, StringComparison.Ordinal);
        }

        await stop.CancelAsync();
        await adding;
    }

    private void Make(string script) => Command.Run("/bin/bash", "-euc", $"cd \"$0\"; {script}", _directory.Path);

    private bool Look() => _tree.Look(_parent, "t\0"u8);
}
