namespace NixStore.Interop.Tests.Support;

/// <summary>
/// Real Nix 2.34.8 on a store that is physically at /nix/store, in a mount namespace of its own: garbage roots and builds work there as they
/// do on a machine.
/// </summary>
internal static class PhysicalNix
{
    /// <summary>What `nix-store --verify --check-contents` says of a store.</summary>
    internal static CommandResult Verify(string root, params string[] more) => Store(root, ["--verify", "--check-contents", .. more]);

    /// <summary>The same with `--repair`, from a signed cache.</summary>
    internal static CommandResult Repair(string root, SignedCache cache) => Verify(root, ["--repair", .. cache.NixOptions]);

    /// <summary>Runs `nix-store`.</summary>
    internal static CommandResult Store(string root, params string[] arguments) => Run(root, "nix234-store", arguments);

    /// <summary>
    /// What it says is alive, sorted. It does not see the machine's other processes: their programs may be of another store with the same
    /// paths, and what a process runs is a root.
    /// </summary>
    internal static string[] Live(string root) => Print(root, "--print-live");

    /// <summary>What it says is dead, likewise.</summary>
    internal static string[] Dead(string root) => Print(root, "--print-dead");

    /// <summary>Runs one of Nix's programs; it may fail.</summary>
    internal static CommandResult Run(string root, string program, params string[] arguments)
        => Command.Try(Environment(root), $"{SourceTree.Interop}/in-store.sh", [root, Program(program), .. arguments]);

    /// <summary>Where a program of Nix is.</summary>
    internal static string Program(string name) => $"{RealNix.LabDirectory}/nix/bin/{name}";

    private static string[] Print(string root, string what)
    {
        var printed = Command.Try(new Dictionary<string, string>(Environment(root)) { ["IN_STORE_ALONE"] = "1" },
            $"{SourceTree.Interop}/in-store.sh", [root, Program("nix234-store"), "--gc", what]);
        Assert.True(printed.ExitCode == 0, printed.Error);
        return [.. printed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
    }

    /// <summary>Nothing of the machine's own Nix, if it has one.</summary>
    internal static Dictionary<string, string> Environment(string root)
        => new() { ["HOME"] = $"{root}/home", ["NIX_PATH"] = "", ["NIX_REMOTE"] = "", ["NIX_CONFIG"] = "" };
}
