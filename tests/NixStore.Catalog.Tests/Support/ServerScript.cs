using System.Diagnostics;
using System.Text;
using NixStore.Caches.Tests.Support;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Catalog.Tests.Support;

/// <summary>Starts servers by scripts of <c>tests/interop</c>, which print the address when these answer, and end them when their input ends.</summary>
internal static class ServerScript
{
    // Two may have chosen one port.
    private const int Attempts = 5;

    /// <summary>Starts one. What can be had and does not start is an error: a test that is skipped for it would tell nobody.</summary>
    /// <param name="name">The script.</param>
    /// <param name="find">Its arguments by which it fails when the server cannot be had here.</param>
    /// <param name="ports">At which distances from its port it takes others.</param>
    /// <param name="run">Its arguments by which it runs the server on a port.</param>
    /// <param name="configure">Says how it is to be started; null = as it is.</param>
    /// <returns>The script's process and the server's address; null when it cannot be had here.</returns>
    internal static (Process Process, string Address)? Start(string name, string[] find, int[] ports, Func<int, string[]> run, Action<ProcessStartInfo>? configure = null)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        var (finding, _, _) = Begin(name, find, null);
        using (finding)
        {
            finding.WaitForExit();
            if (finding.ExitCode != 0)
            {
                return null;
            }
        }

        for (var attempt = 1; ; attempt++)
        {
            var (process, first, errors) = Begin(name, run(FreePorts.Choose(ports)), configure);
            if (first is { Length: > 0 } address)
            {
                return (process, address);
            }

            process.WaitForExit();
            process.Dispose();
            if (attempt == Attempts)
            {
                throw new InvalidOperationException($"{name} does not start: {errors}");
            }
        }
    }

    /// <summary>Starts it, and waits for its first line or its end.</summary>
    private static (Process Process, string? FirstLine, StringBuilder Errors) Begin(string name, string[] arguments, Action<ProcessStartInfo>? configure)
    {
        var start = new ProcessStartInfo($"{SourceTree.Interop}/{name}", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        configure?.Invoke(start);
        var (process, errors) = (Process.Start(start)!, new StringBuilder());
        process.ErrorDataReceived += (_, line) => errors.AppendLine(line.Data);
        process.BeginErrorReadLine();
        return (process, process.StandardOutput.ReadLine(), errors);
    }
}
