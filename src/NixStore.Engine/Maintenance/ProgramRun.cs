using System.ComponentModel;
using System.Diagnostics;

namespace NixStore.Engine.Maintenance;

/// <summary>How a program ended, and what it said.</summary>
internal sealed record ProgramRun(int ExitCode, string Output, string Errors)
{
    /// <summary>Runs a program to its end.</summary>
    /// <param name="program">A path, or a name on the PATH.</param>
    /// <param name="arguments">Its arguments, one by one.</param>
    /// <param name="patience">When to give up and end it.</param>
    /// <returns>Null when there is no such program, or it took too long.</returns>
    internal static ProgramRun? Try(string program, IEnumerable<string> arguments, TimeSpan patience)
    {
        // In the language that is known here.
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["LC_ALL"] = "C" },
        };
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(patience))
            {
                process.Kill(entireProcessTree: true);
                return null;
            }

            return new ProgramRun(process.ExitCode, output.Result, errors.Result);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
