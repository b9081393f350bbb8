using System.Diagnostics;
using System.Text.Json;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Collection;

/// <summary>Runs `nixstore gc` and real Nix's `nix-store --gc` on stores that are physically at /nix/store.</summary>
internal static class Collecting
{
    /// <summary>Runs `nixstore gc` where the store is at /nix/store; it may fail.</summary>
    internal static CommandResult TryOurs(string root, params string[] options) => Command.Finish(StartOurs(root, options));

    /// <summary>As the other, and does not wait.</summary>
    internal static Process StartOurs(string root, params string[] options)
        => StartAlone(root, RescueProgram.Environment, RescueProgram.Path, ["gc", "--store", "local", .. options]);

    /// <summary>As the other, but it must succeed; gives what it says.</summary>
    internal static string Ours(string root, params string[] options) => Succeed(TryOurs(root, options));

    /// <summary>Runs `nix-store --gc`; it must succeed.</summary>
    internal static string Nix(string root, params string[] options) => Succeed(TryNix(root, options));

    /// <summary>As the other; it may fail.</summary>
    internal static CommandResult TryNix(string root, params string[] options) => Command.Finish(StartNix(root, [], options));

    /// <summary>A `nix-store --gc` that stops where it is told to.</summary>
    internal static PausedCollector PauseNix(string root, int point, string directory)
        => new(environment => StartNix(root, environment), point, directory);

    /// <summary>Base names of what is listed, a path or a name a line.</summary>
    internal static SortedSet<string> Names(string output)
        => new(output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Path.GetFileName(line.TrimEnd('/'))), StringComparer.Ordinal);

    /// <summary>A number of the last object of `--json`, which is about the whole collection.</summary>
    internal static long Total(string json, string property)
        => JsonDocument.Parse(json.Split('\n')[^1]).RootElement.GetProperty(property).GetInt64();

    /// <summary>Fails unless `nix-store --verify --check-contents` finds nothing wrong.</summary>
    internal static void ExpectClean(string root)
    {
        var nix = PhysicalNix.Verify(root);
        Assert.True(nix.ExitCode == 0, nix.Error);
        Assert.DoesNotContain("modified", nix.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("disappeared", nix.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("error", nix.Error, StringComparison.Ordinal);
    }

    private static Process StartNix(string root, IEnumerable<KeyValuePair<string, string>> environment, params string[] options)
        => StartAlone(root, [.. PhysicalNix.Environment(root), .. environment], PhysicalNix.Program("nix234-store"), ["--gc", .. options]);

    /// <summary>Other tests run programs of stores with the same paths at the same time.</summary>
    private static Process StartAlone(string root, IEnumerable<KeyValuePair<string, string>> environment, string program, string[] arguments) => Command.Start(
        $"{SourceTree.Interop}/in-store.sh", [root, program, .. arguments], new Dictionary<string, string>(environment) { ["IN_STORE_ALONE"] = "1" });

    private static string Succeed(CommandResult result)
    {
        Assert.True(result.ExitCode == 0, $"exit code {result.ExitCode}\n{result.Output}\n{result.Error}");
        return result.Output;
    }
}
