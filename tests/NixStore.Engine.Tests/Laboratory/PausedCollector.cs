using System.Diagnostics;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Tests.Laboratory;

/// <summary>
/// A real <c>nix-store --gc</c> that stops right after it took gc.lock (1) or after it has read the roots (2), by the hooks of Nix's own
/// tests, until it is told to go on.
/// </summary>
public sealed class PausedCollector : IDisposable
{
    private readonly Process _process;
    private readonly FileDescriptor _gate;
    private bool _isFinished;

    /// <param name="nix">Which Nix.</param>
    /// <param name="store">Whose garbage.</param>
    /// <param name="point">1 or 2.</param>
    /// <param name="directory">A directory for the fifo.</param>
    public PausedCollector(RealNix nix, StoreLocation store, int point, string directory)
        : this(environment => nix.StartStore(store, environment, "--gc"), point, directory)
    {
    }

    /// <param name="start">Starts it with variables added to its environment.</param>
    /// <param name="point">1 or 2.</param>
    /// <param name="directory">A directory for the fifo.</param>
    public PausedCollector(Func<IReadOnlyDictionary<string, string>, Process> start, int point, string directory)
    {
        var fifo = $"{directory}/gc-sync-{point}";
        Command.Run("mkfifo", fifo);
        _process = start(new Dictionary<string, string> { [$"_NIX_TEST_GC_SYNC_{point}"] = fifo });

        // Opening the fifo for writing without waiting succeeds from the moment that the collector reads from it.
        while (!_process.HasExited)
        {
            if (Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(fifo), OpenFlags.WriteOnly | OpenFlags.NonBlocking, 0, out _) is { } open)
            {
                _gate = open;
                return;
            }

            Thread.Sleep(5);
        }

        var result = Command.Finish(_process);
        throw new InvalidOperationException($"The collector ended before it could be paused: {result.Output}{result.Error}");
    }

    /// <summary>Lets it go on and waits for its end; gives what it said.</summary>
    public string Finish()
    {
        _isFinished = true;
        _gate.Dispose();
        var result = Command.Finish(_process);
        Assert.True(result.ExitCode == 0, result.Error);
        return result.Output + result.Error;
    }

    public void Dispose()
    {
        if (!_isFinished)
        {
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
            _gate.Dispose();
        }
    }
}
