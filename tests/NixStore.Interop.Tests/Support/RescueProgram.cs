using System.Diagnostics;

namespace NixStore.Interop.Tests.Support;

/// <summary>The executable `nixstore`, as tests run it: in a process of its own, which can be killed, traced and deprived.</summary>
internal static class RescueProgram
{
    /// <summary>
    /// As it is published, one native file, where build/xunit.sh has made that; else of the same configuration and framework as these tests.
    /// </summary>
    internal static string Path { get; } = System.Environment.GetEnvironmentVariable("NIXSTORE_EXECUTABLE")
        ?? $"{SourceTree.Root}/src/NixStore.Rescue/bin/{BuildFolders}/nixstore";

    /// <summary>No setting of this machine's Nix, and a diagnostics port nobody needs.</summary>
    internal static Dictionary<string, string> Environment { get; } = new()
    {
        ["NIX_CONF_DIR"] = "/var/empty", ["NIX_CONFIG"] = "", ["NIX_USER_CONF_FILES"] = "", ["DOTNET_EnableDiagnostics"] = "0",
    };

    private static string BuildFolders => string.Join('/', AppContext.BaseDirectory.TrimEnd('/').Split('/')[^2..]);

    /// <summary>The command line that repairs some paths of a store, or all that are invalid, from a cache.</summary>
    internal static string[] Repair(string store, SignedCache? cache, params IEnumerable<string> paths) =>
    [
        Path, "repair", "--check-contents", "--jobs", "1", "--store", store, .. paths,
        .. cache is null ? (string[])["--source", "file:///nonexistent"] : ["--source", cache.Url, "--trusted-public-key", SignedCache.PublicKey],
    ];

    /// <summary>
    /// A command line in a process namespace of its own. What runs is a root, and other tests, beside this one, run programs of stores with the same
    /// paths: a collection that sees them keeps more than one that does not.
    /// </summary>
    internal static string[] Alone(params string[] commandLine) => ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", .. commandLine];

    /// <summary>Runs a command line to its end.</summary>
    internal static CommandResult Run(string[] commandLine) => Command.Try(Environment, commandLine[0], commandLine[1..]);

    /// <summary>Starts a command line.</summary>
    internal static Process Start(string[] commandLine) => Command.Start(commandLine[0], commandLine[1..], Environment);
}
