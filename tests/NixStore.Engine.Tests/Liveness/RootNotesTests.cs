using NixStore.Engine.Liveness;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Liveness;

public sealed class RootNotesTests : IDisposable
{
    private const string Path = "/nix/store/00000000000000000000000000000000-x";

    private readonly TemporaryDirectory _processes = new();

    public void Dispose() => _processes.Dispose();

    [Theory]
    [InlineData(1, "pwsh", "this very process (pwsh, pid 1) keeps it: its environment variable SUDO_COMMAND names it")]
    [InlineData(2, "bash", "your own shell (bash, pid 2) keeps it: its environment variable SUDO_COMMAND names it")]
    [InlineData(2, "-zsh", "your own shell (-zsh, pid 2) keeps it: its environment variable SUDO_COMMAND names it")]
    [InlineData(3, "sudo", "a process that this one descends from (sudo, pid 3) keeps it: its environment variable SUDO_COMMAND names it")]
    [InlineData(4, "bash", null)]
    public void Ones_own_environment_is_named(int pid, string name, string? note)
    {
        Write(pid, $"HOME=/root\0SUDO_COMMAND=/bin/nix-store --delete {Path}\0X");

        Assert.Equal(note, Notes().Of(Root(pid, name, StoreRootOrigin.Environment), Path));
    }

    [Fact]
    public void Several_variables_are_all_named_and_a_chain_names_where_it_begins()
    {
        Write(2, $"B={Path}/bin\0A=x:{Path}\0");

        Assert.EndsWith($"environment variables A, B name {Path}", Notes().Of(Root(2, "bash", StoreRootOrigin.Environment), "/nix/store/other"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StoreRootOrigin.Environment, "its environment names it")]
    [InlineData(StoreRootOrigin.Executable, "its program is from it")]
    [InlineData(StoreRootOrigin.WorkingDirectory, "its working directory is in it")]
    [InlineData(StoreRootOrigin.OpenFile, "it has a file of it open")]
    [InlineData(StoreRootOrigin.MappedFile, "it has a file of it mapped")]
    [InlineData(StoreRootOrigin.TemporaryRoots, "it holds it as a root")]
    public void What_a_process_does_with_it_is_said(StoreRootOrigin origin, string text)
        => Assert.Equal($"your own shell (bash, pid 2) keeps it: {text}", Notes().Of(Root(2, "bash", origin), Path));

    [Fact]
    public void The_parents_of_this_process_are_found()
    {
        var pids = OwnProcesses.Find().Pids;

        Assert.Equal(Environment.ProcessId, pids[0]);
        Assert.True(pids.Count > 1);
    }

    [Fact]
    public void Names_with_anything_in_them_and_circles_do_no_harm()
    {
        var self = Environment.ProcessId;
        Directory.CreateDirectory(_processes[$"{self}"]);
        File.WriteAllText(_processes[$"{self}/stat"], $"{self} (a) R 1 (b\n) S 77 1 1");
        Directory.CreateDirectory(_processes["77"]);
        File.WriteAllText(_processes["77/stat"], $"77 (c) S {self} 1 1");

        Assert.Equal([self, 77], OwnProcesses.Find(_processes.Path).Pids);
    }

    private RootNotes Notes() => new(new OwnProcesses([1, 2, 3], _processes.Path));

    private void Write(int pid, string environment)
    {
        Directory.CreateDirectory(_processes[$"{pid}"]);
        File.WriteAllText(_processes[$"{pid}/environ"], environment);
    }

    private static StoreRoot Root(int pid, string name, StoreRootOrigin origin) => new()
    {
        Store = "local",
        Kind = StoreRootKind.Runtime,
        Origin = origin,
        State = StoreRootState.Active,
        Path = Path,
        Link = $"/proc/{pid}/x",
        Pid = pid,
        ProcessName = name,
    };
}
