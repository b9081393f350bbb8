using System.Collections.Concurrent;
using System.Security.Cryptography;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Tests.Laboratory;

/// <summary>
/// A copy of the store of about 75 paths that tests/interop/mkstore.sh builds with real Nix. It is built once for each state of the scripts,
/// kept in the lab directory, and copied for each test.
/// </summary>
public sealed class LabStore : IDisposable
{
    private static readonly Lazy<string> s_signed = new(() => Make("-S", "-B", "1"));
    private static readonly Lazy<string> s_optimised = new(() => Make("-S", "-o", "-B", "1"));
    private static readonly ConcurrentDictionary<(int, int), Lazy<string>> s_seeded = [];

    // The interpreter itself: what is called python3 may be a slow script that looks for it.
    private static readonly Lazy<string> s_python = new(() => Command.Run("python3", "-c", "import sys; print(sys.executable)"));
    private readonly TemporaryDirectory _directory = new();

    private LabStore(string original)
    {
        Root = _directory["store"];
        Command.Run("cp", "-a", original, Root);
        Location = StoreLocator.Locate(Root);
    }

    /// <summary>The root below which nix/store and nix/var are.</summary>
    public string Root { get; }

    public StoreLocation Location { get; }

    /// <summary>A signed store.</summary>
    public static LabStore Signed() => Copy(s_signed);

    /// <summary>A signed and optimised store.</summary>
    public static LabStore Optimised() => Copy(s_optimised);

    /// <summary>A store with other contents for each seed, and about <paramref name="paths"/> paths where that is more than the lab's own.</summary>
    public static LabStore Seeded(int seed, int paths) => Copy(s_seeded.GetOrAdd(
        (seed, paths), _ => new Lazy<string>(() => Make("-B", "1", "-s", $"{seed}", "-n", $"{paths}"))));

    /// <summary>Another one with the same files, damage included.</summary>
    public static LabStore CopyOf(LabStore store) => new(store.Root);

    /// <summary>Applies a case of tests/interop/damage.py.</summary>
    public void Damage(string name)
    {
        var result = TryDamage(name);
        Assert.True(result.ExitCode == 0, result.Error);
    }

    /// <summary>As the other; it may fail, as when earlier damage has left nothing to do.</summary>
    public CommandResult TryDamage(string name)
        => Command.Try(new Dictionary<string, string>(), s_python.Value, $"{SourceTree.Interop}/damage.py", "apply", name, Root);

    /// <summary>The full logical path whose name is <paramref name="name"/>.</summary>
    public string PathOf(string name) => PathOf(Location, name);

    /// <summary>The full logical path in a store whose name is <paramref name="name"/>.</summary>
    public static string PathOf(StoreLocation store, string name) => "/nix/store/" + Path.GetFileName(
        Directory.EnumerateFileSystemEntries(store.RealDirectory).Single(entry => Path.GetFileName(entry) is { Length: > 33 } found && found[33..] == name));

    public void Dispose() => _directory.Dispose();

    private static LabStore Copy(Lazy<string> original)
    {
        _ = RealNix.Require();
        Skip.IfNot(Command.Exists("unshare") && Environment.IsPrivilegedProcess, "NOT ROOT: lab stores need unshare -m to be built");
        Skip.IfNot(Command.Exists("python3") && Command.Exists("sqlite3"), "TOOLS MISSING: lab stores need python3 and sqlite3");
        return new LabStore(original.Value);
    }

    private static string Make(params string[] options)
    {
        var name = $"lab{string.Concat(options)}-{Fingerprint()}";
        var finished = $"{RealNix.LabDirectory}/{name}";
        if (!Directory.Exists(finished))
        {
            var fresh = $"{RealNix.LabDirectory}/.{name}-{Environment.ProcessId}";
            Command.Run($"{SourceTree.Interop}/mkstore.sh", [.. options, fresh]);
            try
            {
                Directory.Move(fresh, finished);
            }
            catch (IOException) when (Directory.Exists(finished))
            {
                // Another test run was faster; its store is as good.
            }
        }

        return finished;
    }

    private static string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Directory.EnumerateFiles(SourceTree.Interop, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Where(file => Path.GetFileName(file) is "mkstore.sh" or "in-store.sh" or "get-nix.sh" || file.Contains("/expr/", StringComparison.Ordinal)))
        {
            hash.AppendData(File.ReadAllBytes(file));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
