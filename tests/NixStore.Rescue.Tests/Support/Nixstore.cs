using System.Diagnostics;
using System.Reflection;

namespace NixStore.Rescue.Tests.Support;

/// <summary>One run of the rescue executable.</summary>
internal sealed record Nixstore(int Code, string Output, string Errors)
{
    // As it is published, one native file, where build/xunit.sh has made that; else as it was just built.
    public static readonly string? Published = Environment.GetEnvironmentVariable("NIXSTORE_EXECUTABLE");

    private static readonly string s_program = typeof(Nixstore).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RescueProgram").Value!;

    /// <summary>The output, line by line.</summary>
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Runs it; no nix.conf of the machine has a say.</summary>
    public static Nixstore Run(params string[] arguments)
        => Published is null ? RunProgram("dotnet", [s_program, .. arguments]) : RunProgram(Published, arguments);

    /// <summary>As the other, from wherever it is.</summary>
    public static Nixstore RunProgram(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            Environment = { ["NIX_CONF_DIR"] = "/nonexistent", ["NIX_USER_CONF_FILES"] = "", ["NIX_CONFIG"] = "substituters =", ["NIX_REMOTE"] = null },
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Nixstore(process.ExitCode, output, errors.Result);
    }
}
