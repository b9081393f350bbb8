using System.Diagnostics;
using System.Globalization;
using NixStore.Engine.Transfer;

namespace NixStore.PowerShell.Commands;

/// <summary>Says in one line how far a transfer is: paths, bytes and the rate so far.</summary>
/// <param name="progress">The counts.</param>
internal sealed class TransferStatus(TransferProgress progress)
{
    private readonly Stopwatch _running = Stopwatch.StartNew();

    /// <summary>For <see cref="ProgressDisplay.Follow"/>: the line, and the bytes from which the remaining time is estimated.</summary>
    public (string Text, long Done, long? Total) Ask()
    {
        var rate = (long)(progress.Bytes / Math.Max(_running.Elapsed.TotalSeconds, 0.001));
        var text = string.Create(CultureInfo.InvariantCulture,
            $"{progress.Paths} of {progress.TotalPaths} paths, {ByteSize.Format(progress.Bytes)} of {ByteSize.Format(progress.TotalBytes)}, {ByteSize.Format(rate)}/s");
        return (text, progress.Bytes, progress.TotalBytes);
    }
}
