using System.Diagnostics;

namespace NixStore.Engine.Tests.Laboratory;

/// <summary>How a program ended and what it said.</summary>
public sealed record CommandResult(int ExitCode, string Output, string Error);

/// <summary>Runs other programs to their end.</summary>
public static class Command
{
    /// <summary>Runs a program that must succeed; gives its standard output without the last newline.</summary>
    public static string Run(string program, params string[] arguments) => Expect(Start(program, arguments), program, arguments);

    /// <summary>As the other overload, with variables added to the environment.</summary>
    public static string Run(IReadOnlyDictionary<string, string> environment, string program, params string[] arguments)
        => Expect(Start(program, arguments, environment), program, arguments);

    /// <summary>Runs a program that may fail.</summary>
    public static CommandResult Try(IReadOnlyDictionary<string, string> environment, string program, params string[] arguments)
        => Finish(Start(program, arguments, environment));

    /// <summary>Starts a program with its three streams redirected.</summary>
    public static Process Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Waits for the end of a started program.</summary>
    public static CommandResult Finish(Process process)
    {
        using (process)
        {
            process.StandardInput.Close();
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return new CommandResult(process.ExitCode, output.TrimEnd('\n'), error.Result.TrimEnd('\n'));
        }
    }

    /// <summary>
    /// Writes a program to be run. Another process does it: a file that this one has written cannot be run while a process that another test is
    /// just starting has it open for writing still.
    /// </summary>
    public static void WriteProgram(string path, string text) => Run("/bin/sh", "-c", "printf %s \"$1\" > \"$0\"; chmod 755 \"$0\"", path, text);

    /// <summary>True when the program is on the PATH.</summary>
    public static bool Exists(string program) => Environment.GetEnvironmentVariable("PATH")!.Split(':')
        .Any(directory => File.Exists($"{directory}/{program}"));

    private static string Expect(Process process, string program, IEnumerable<string> arguments)
    {
        var result = Finish(process);
        Assert.True(result.ExitCode == 0,
            $"{program} {string.Join(' ', arguments)}: exit code {result.ExitCode}\n{result.Output}\n{result.Error}");
        return result.Output;
    }
}
