using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace NixStore.PowerShell.Commands;

/// <summary>Carries what another thread produces to the pipeline's thread, the only one that may write to the pipeline.</summary>
internal static class PipelinePump
{
    /// <summary>Enough to keep both sides busy, few enough to stay small when a later command is slow.</summary>
    private const int Capacity = 256;

    /// <summary>How long the pipeline's thread waits for an item before it looks at the progress again.</summary>
    private static readonly TimeSpan s_tick = ProgressDisplay.Interval;

    /// <summary>How long a stopped command waits for its work; work that hangs in the kernel must not hold Ctrl+C.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);

    /// <summary>See <see cref="ModuleCommand.Pump"/>.</summary>
    public static void Run<T>(Action<Action<T>, CancellationToken> work, Action<T> consume, ProgressDisplay? progress, CancellationToken stop)
    {
        // Not disposed: abandoned work may still look at them, and they hold nothing but memory.
        var cancel = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var items = new BlockingCollection<T>(Capacity);
        var task = Task.Run(() => Produce(work, items, cancel.Token), CancellationToken.None);
        try
        {
            while (!items.IsCompleted)
            {
                if (items.TryTake(out var item, (int)s_tick.TotalMilliseconds, stop))
                {
                    consume(item);
                }

                progress?.Show();
            }
        }
        catch
        {
            // Stopped, or a later command wants no more: the work ends at its next look at the token.
            cancel.Cancel();
            ((IAsyncResult)task).AsyncWaitHandle.WaitOne(s_grace);
            throw;
        }

        task.GetAwaiter().GetResult()?.Throw();
    }

    /// <summary>The outcome is returned rather than thrown, so that abandoned work leaves no unobserved exception behind.</summary>
    private static ExceptionDispatchInfo? Produce<T>(
        Action<Action<T>, CancellationToken> work, BlockingCollection<T> items, CancellationToken cancellation)
    {
        try
        {
            work(item => items.Add(item, cancellation), cancellation);
            return null;
        }
        catch (Exception error)
        {
            return ExceptionDispatchInfo.Capture(error);
        }
        finally
        {
            items.CompleteAdding();
        }
    }
}
