using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using NixStore.Engine.Native;
using NixStore.Engine.Roots;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Roots;

public sealed class RuntimeRootsTests : IDisposable
{
    private readonly RootLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void A_process_keeps_its_program_and_what_is_mapped()
    {
        var program = Install("cat");
        using var process = Start(program);

        Assert.Equal(
            [(StoreRootOrigin.Executable, _lab.Full("a")), (StoreRootOrigin.MappedFile, _lab.Full("a"))], Found(process));
        var root = Of(process)[0];
        Assert.Equal((process.Id, "cat", $"/proc/{process.Id}/exe", Environment.UserName), (root.Pid, root.ProcessName, root.Link, root.User));
    }

    [Fact]
    public void A_program_that_was_deleted_is_a_root_by_its_name_and_no_longer_a_mapped_file()
    {
        var program = Install("cat");
        using var process = Start(program);
        File.Delete(program);

        Assert.Equal([(StoreRootOrigin.Executable, _lab.Full("a"))], Found(process));
    }

    [Fact]
    public void A_process_keeps_its_directory_its_open_files_and_its_environment()
    {
        Directory.CreateDirectory($"{_lab.Full("a")}/share");
        File.WriteAllText($"{_lab.Full("a")}/file", "");
        using var process = Start("/bin/sh", "-c", $"cd {_lab.Full("a")}/share; exec env -i P=x:{_lab.Full("b")}/bin,{_lab.Full("absent")} "
            + $"Q={_lab.Full("b")} cat 9<{_lab.Full("a")}/file 8<{_lab.Full("a")}/file");

        Assert.Equal(
            [(StoreRootOrigin.WorkingDirectory, _lab.Full("a")), (StoreRootOrigin.OpenFile, _lab.Full("a")), (StoreRootOrigin.Environment, _lab.Full("b"))],
            Found(process));
    }

    [Fact]
    public void This_process_counts_as_well()
    {
        Directory.CreateDirectory(_lab.Full("a"));
        using var open = Posix.Open(_lab.Full("a"), OpenFlags.ReadOnly | OpenFlags.Directory);

        Assert.Contains(_lab.All(StoreRootKind.Runtime), root => root.Pid == Environment.ProcessId && root.Origin == StoreRootOrigin.OpenFile);
    }

    [Fact]
    public void In_a_store_elsewhere_the_logical_and_the_real_path_count()
    {
        using var lab = new RootLab(guest: true);
        using var logical = Start("/usr/bin/env", "-i", $"P={lab.Full("a")}", "cat");
        using var real = Start("/usr/bin/env", "-i", $"P={lab.Location.RealDirectory}/{RootLab.PathOf("b").BaseName}", "cat");

        var roots = lab.All(StoreRootKind.Runtime);

        Assert.Equal(lab.Full("a"), Assert.Single(roots, root => root.Pid == logical.Id).Path);
        Assert.Equal(lab.Full("b"), Assert.Single(roots, root => root.Pid == real.Id).Path);
    }

    [Fact]
    public void A_large_environment_is_read_to_its_end()
    {
        using var process = Start("/usr/bin/env", "-i", "A=" + new string('x', 100_000), "B=" + new string('y', 100_000), $"C={_lab.Full("b")}", "cat");

        Assert.Equal([(StoreRootOrigin.Environment, _lab.Full("b"))], Found(process));
    }

    [SkippableFact]
    public void The_roots_daemon_is_asked_instead_when_the_store_says_so()
    {
        _lab.Location = _lab.Location with { UsesRootsDaemon = true };
        using var daemon = Listen($"{_lab.Full("a")}/bin/x\0/elsewhere\0{_lab.Full("absent")}\0{_lab.Full("a")}\0\0{_lab.Full("b")}\0");
        var scanner = new RootScanner(_lab.Location, _lab.IsRegistered);

        var root = Assert.Single(scanner.FindAll(CancellationToken.None));

        Assert.True(scanner.IsComplete);
        Assert.Equal((StoreRootOrigin.RootsDaemon, _lab.Full("a")), (root.Origin, root.Path));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Without_a_full_answer_of_the_daemon_the_roots_are_incomplete_and_this_machine_is_looked_at(bool answersHalf)
    {
        _lab.Location = _lab.Location with { UsesRootsDaemon = true };
        Directory.CreateDirectory(_lab.Full("a"));
        using var open = Posix.Open(_lab.Full("a"), OpenFlags.ReadOnly | OpenFlags.Directory);
        using var daemon = answersHalf ? Listen($"{_lab.Full("b")}\0") : null;
        var scanner = new RootScanner(_lab.Location, _lab.IsRegistered);

        var roots = scanner.FindAll(CancellationToken.None);

        Assert.Contains(scanner.Incomplete, error => error.ErrorId == "RootsDaemonUnavailable");
        Assert.Contains(roots, root => root.Origin == StoreRootOrigin.OpenFile && root.Pid == Environment.ProcessId);
    }

    [Fact]
    public void The_url_of_a_store_says_whether_there_is_a_daemon()
    {
        var store = StoreLocator.Locate($"local?root={_lab.Root}&use-roots-daemon=true");

        Assert.True(store.UsesRootsDaemon);
        Assert.True(StoreLocator.Locate(store.Url).UsesRootsDaemon);
        Assert.False(StoreLocator.Locate($"local?root={_lab.Root}").UsesRootsDaemon);
    }

    [Fact]
    public void Looking_at_all_processes_is_quick()
    {
        var scanner = new RootScanner(_lab.Location, _lab.IsRegistered);
        var (best, plain) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var i = 0; i < 20; i++)
        {
            best = Shorter(best, () => scanner.FindAll(CancellationToken.None));
            plain = Shorter(plain, ReadAllProcesses);
        }

        // Whatever the machine, and however many processes it has: no more than a few times what reading the same without looking at it takes.
        Assert.True(best < 4 * plain, $"{best.TotalMilliseconds:f1} ms, and {plain.TotalMilliseconds:f1} ms to read all");

        static TimeSpan Shorter(TimeSpan before, Action work)
        {
            var watch = Stopwatch.StartNew();
            work();
            return watch.Elapsed < before ? watch.Elapsed : before;
        }
    }

    /// <summary>Reads of all processes what may have roots in it.</summary>
    private static void ReadAllProcesses()
    {
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => char.IsDigit(Path.GetFileName(path)[0])))
        {
            try
            {
                _ = new FileInfo($"{process}/exe").LinkTarget;
                _ = new FileInfo($"{process}/cwd").LinkTarget;
                _ = File.ReadAllBytes($"{process}/maps");
                _ = File.ReadAllBytes($"{process}/environ");
                foreach (var open in Directory.EnumerateFileSystemEntries($"{process}/fd"))
                {
                    _ = new FileInfo(open).LinkTarget;
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // It has ended, or is not ours.
            }
        }
    }

    private string Install(string program)
    {
        Directory.CreateDirectory($"{_lab.Full("a")}/bin");
        var installed = $"{_lab.Full("a")}/bin/{program}";
        Command.Run("/bin/sh", "-c", "cp \"$(readlink -f \"$(command -v \"$1\")\")\" \"$0\"", installed, program);
        return installed;
    }

    /// <summary>Starts cat, by way of others perhaps. What it answers shows that it has become the program that stays, with all that it uses.</summary>
    private static Running Start(string program, params string[] arguments)
    {
        var process = Command.Start(program, arguments);
        process.StandardInput.WriteLine("ready");
        Assert.Equal("ready", process.StandardOutput.ReadLine());
        return new Running(process);
    }

    private List<StoreRoot> Of(Running process) => [.. _lab.All(StoreRootKind.Runtime).Where(root => root.Pid == process.Id)];

    private List<(StoreRootOrigin, string)> Found(Running process) => [.. Of(process).Select(root => (root.Origin, root.Path!))];

    private Socket Listen(string answer)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint($"{Directory.CreateDirectory($"{_lab.Location.StateDirectory}/gc-roots-socket").FullName}/socket"));
        listener.Listen();

        // A thread of its own: the pool's may all be busy for longer than anybody waits.
        new Thread(() =>
        {
            try
            {
                using var connection = listener.Accept();
                connection.Send(Encoding.UTF8.GetBytes(answer));
            }
            catch (SocketException)
            {
                // The test is over.
            }
        }) { IsBackground = true }.Start();
        return listener;
    }

    private sealed class Running(Process process) : IDisposable
    {
        public int Id => process.Id;

        public void Dispose()
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
    }
}
