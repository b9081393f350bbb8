using System.Diagnostics;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Collection;

/// <summary>A `nixstore gc` that is stopped, all of it, as soon as it has opened the directory of temporary roots.</summary>
internal sealed class StoppedCollection : IDisposable
{
    private readonly Process _tracer;
    private bool _isFinished;

    private StoppedCollection(Process tracer) => _tracer = tracer;

    /// <summary>Starts one and waits until it has stopped.</summary>
    internal static StoppedCollection Start(StoreUnderTest store, string log)
    {
        Skip.IfNot(Command.Exists("strace"), "TOOLS MISSING: strace");
        var collection = new StoppedCollection(Command.Start(
            "strace",
            [
                "-f", "-qq", "-o", log, "-P", $"{store.Location.StateDirectory}/temproots", "-e", "trace=openat", "-e", "inject=openat:signal=STOP:when=1",
                RescueProgram.Path, "gc", "--store", store.Root,
            ],
            RescueProgram.Environment));
        while (!File.Exists(log) || !File.ReadAllText(log).Contains("stopped by SIGSTOP", StringComparison.Ordinal))
        {
            Assert.False(collection._tracer.HasExited, "It ended before it could be stopped.");
            Thread.Sleep(5);
        }

        return collection;
    }

    /// <summary>Lets it go on and waits for its end.</summary>
    internal CommandResult GoOn()
    {
        Command.Run("pkill", "-CONT", "-P", $"{_tracer.Id}");
        _isFinished = true;
        return Command.Finish(_tracer);
    }

    public void Dispose()
    {
        if (!_isFinished)
        {
            _tracer.Kill(entireProcessTree: true);
            _tracer.Dispose();
        }
    }
}
