using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Collection;

/// <summary>A store that was damaged, with what was alive in it before.</summary>
internal sealed class DamagedStore : IDisposable
{
    private const string Paths = "select path from ValidPaths";
    private readonly StoreUnderTest _store;

    private DamagedStore(StoreUnderTest store) => _store = store;

    internal string Root => _store.Root;

    /// <summary>The base names of what was alive before the damage and was there after it.</summary>
    internal IReadOnlyList<string> Live { get; private set; } = [];

    /// <summary>Makes one; skips where the damage cannot be done.</summary>
    internal static DamagedStore Make(string damage)
    {
        var store = new StoreUnderTest(optimised: damage.StartsWith('i'));
        try
        {
            Skip.If(damage is ['e', '4', ..] or ['j', '7', ..] && !store.HasImmutableFlag(), "NO IMMUTABLE FLAG: the file system of TMPDIR has none; use ext4, XFS or Btrfs");
            var live = Collecting.Names(Collecting.Ours(store.Root, "--print-live"));
            store.Damage(damage);
            var damaged = new DamagedStore(store);
            damaged.Live = [.. damaged.Names().Where(name => live.Contains(Original(name)))];
            return damaged;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>How many of <see cref="Live"/> are gone by now.</summary>
    internal int CountLost() => Live.Except(Names()).Count();

    /// <summary>How many entries the store directory has.</summary>
    internal int CountEntries() => Names().Count();

    /// <summary>The paths of the rows; none when they cannot be read.</summary>
    internal IReadOnlyList<string> Rows()
        => [.. Command.Try(new Dictionary<string, string>(), "sqlite3", _store.Location.DatabasePath, Paths).Output.Split('\n').Select(path => Path.GetFileName(path))];

    /// <summary>A hash of all files and of the database.</summary>
    internal string Hash() => StoreContents.HashBelow(_store.Location.RealDirectory) + StoreContents.Hash(_store.Location.DatabasePath);

    /// <summary>What real Nix complains of.</summary>
    internal IReadOnlyList<string> Complaints()
    {
        var nix = PhysicalNix.Verify(Root);
        string[] words = ["error", "warning", "modified", "disappeared", "invalid"];
        return [.. nix.ExitCode == 0 ? [] : new[] { $"exit code {nix.ExitCode}" }, .. nix.Error.Split('\n').Where(line => words.Any(word => line.Contains(word, StringComparison.Ordinal))).Select(line => line.Trim())];
    }

    public void Dispose() => _store.Dispose();

    /// <summary>The path itself when a repair has put its contents aside.</summary>
    private static string Original(string name) => name.EndsWith(".old-123-456", StringComparison.Ordinal) ? name[..^".old-123-456".Length] : name;

    private IEnumerable<string> Names() => Directory.EnumerateFileSystemEntries(_store.Location.RealDirectory).Select(entry => Path.GetFileName(entry));
}
