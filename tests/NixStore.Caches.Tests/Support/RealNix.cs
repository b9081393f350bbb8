using System.Text;

namespace NixStore.Caches.Tests.Support;

/// <summary>Real Nix of several versions, if it has been installed for tests; NIXLAB names another place.</summary>
internal static class RealNix
{
    private static readonly string s_lab = Environment.GetEnvironmentVariable("NIXLAB")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache/nixstore");

    /// <summary>Skips the test, visibly, when a version is not there.</summary>
    public static void Require(string version)
        => Skip.IfNot(File.Exists(Wrapper(version)), $"real Nix ({version}) is not installed in {s_lab}; see tests/interop/get-nix.sh");

    /// <summary>Runs a program of Nix: <paramref name="program"/> is for example <c>nix234-store</c>.</summary>
    public static byte[] RunBytes(string program, NixLab lab, params string[] arguments)
        => Program.Run(Wrapper(program), arguments, environment: lab.Environment);

    public static string Run(string program, NixLab lab, params string[] arguments)
        => Encoding.UTF8.GetString(RunBytes(program, lab, arguments)).Trim();

    /// <summary>Runs the <c>nix</c> command in another environment, for example one without what it remembers of caches.</summary>
    public static string CommandIn(IReadOnlyDictionary<string, string> environment, string version, params string[] arguments)
        => Encoding.UTF8.GetString(Program.Run(Wrapper(version), ["--extra-experimental-features", "nix-command", .. arguments], environment: environment)).Trim();

    /// <summary>Runs the <c>nix</c> command with the features that old versions want to be asked for.</summary>
    public static string Command(string version, NixLab lab, params string[] arguments)
        => Run(version, lab, ["--extra-experimental-features", "nix-command", .. arguments]);

    private static string Wrapper(string program) => Path.Combine(s_lab, "nix/bin", program);
}
