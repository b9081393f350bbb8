using System.Diagnostics;
using System.Globalization;
using NixStore.Engine.Verification;

namespace NixStore.PowerShell.Commands;

/// <summary>Says in one line how far a verification is: paths, bytes and the rate so far.</summary>
/// <param name="progress">The counts.</param>
internal sealed class VerificationStatus(VerificationProgress progress)
{
    private readonly Stopwatch _running = Stopwatch.StartNew();

    /// <summary>For <see cref="ProgressDisplay.Follow"/>: the line, and the bytes from which the remaining time is estimated.</summary>
    public (string Text, long Done, long? Total) Ask()
    {
        var seconds = Math.Max(_running.Elapsed.TotalSeconds, 0.001);
        var rate = (long)(progress.Bytes / seconds);
        var text = string.Create(CultureInfo.InvariantCulture,
            $"{progress.Paths} of {progress.TotalPaths} paths, {ByteSize.Format(progress.Bytes)} of {ByteSize.Format(progress.TotalBytes)}, {ByteSize.Format(rate)}/s");
        return (text, progress.Bytes, progress.TotalBytes);
    }
}
