using System.Diagnostics;

namespace NixStore.Engine.Tests.Support;

/// <summary>Runs the real Nix that tests/interop/get-nix.sh installs, on a store of its own; tests skip where it is not.</summary>
internal sealed class RealNix : IDisposable
{
    private static readonly string s_programs = Path.Combine(
        Environment.GetEnvironmentVariable("NIXLAB") is { Length: > 0 } lab
            ? lab : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache/nixstore"), "nix/bin");

    private readonly WorkDirectory _root = new();

    private RealNix()
    {
    }

    /// <summary>The root of the store; objects are in nix/store below it.</summary>
    public string Root => _root.Path;

    /// <summary>A new, empty store.</summary>
    public static RealNix NewStore()
    {
        Skip.IfNot(File.Exists(Path.Combine(s_programs, "nix234")), "real Nix is not installed: run tests/interop/get-nix.sh");
        return new RealNix();
    }

    /// <summary>Where the files of a path given as /nix/store/… are.</summary>
    public string RealPath(string storePath) => Root + storePath;

    /// <summary>Runs a program such as <c>nix-store</c> on the store; its output without the last line feed.</summary>
    public string Run(string program, params string[] arguments) => System.Text.Encoding.UTF8.GetString(RunRaw(program, [], arguments)).TrimEnd('\n');

    /// <summary>Runs a program with an input; its output as it is.</summary>
    public byte[] RunRaw(string program, byte[] input, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(s_programs, program.Replace("nix", "nix234", StringComparison.Ordinal)))
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            Environment = { ["HOME"] = Root, ["NIX_CONFIG"] = "experimental-features = nix-command", ["NIX_REMOTE"] = $"local?root={Root}" },
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var writing = Task.Run(() =>
        {
            try
            {
                process.StandardInput.BaseStream.Write(input);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It gave up before reading everything; its exit code tells.
            }
        });
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        writing.Wait();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} failed: {errors.Result}");
        return output.ToArray();
    }

    public void Dispose() => _root.Dispose();
}
