using System.Text.RegularExpressions;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Damage;

/// <summary>What real Nix makes of a kind of damage with `nix-store --verify --check-contents --repair` and a cache, in a few words.</summary>
internal static partial class NixVerdict
{
    private const int LongestMessage = 110;

    /// <summary>Runs it on a store that was damaged.</summary>
    internal static string Of(StoreUnderTest store, SignedCache cache)
    {
        var before = TryCheck(store);
        var rowsBefore = CountRows(store);
        var nix = PhysicalNix.Repair(store.Root, cache);
        if (nix.ExitCode != 0)
        {
            return $"fails: `{Message(nix.Error)}`";
        }

        var dropped = rowsBefore - CountRows(store);
        if (dropped > 0)
        {
            return dropped == 1 ? "drops the path's row" : $"drops {dropped} rows";
        }

        var after = TryCheck(store);
        return after is null ? "exit code 0, and the store cannot be read"
            : Kinds(after) is { Length: > 0 } kinds ? $"exit code 0, left: {kinds}"
            : before is { Count: > 0 } ? "repaired"
            : nix.Error.Contains("modified", StringComparison.Ordinal) ? "repaired"
            : "exit code 0, nothing said";
    }

    private static IReadOnlyList<StorePathInfo>? TryCheck(StoreUnderTest store)
    {
        try
        {
            return store.Check();
        }
        catch (NixStoreException)
        {
            return null;
        }
    }

    private static string Kinds(IEnumerable<StorePathInfo> paths)
        => string.Join(", ", paths.SelectMany(path => path.Problems).Select(problem => problem.Kind).Distinct().Order());

    private static int CountRows(StoreUnderTest store)
    {
        var counted = Command.Try(new Dictionary<string, string>(), "sqlite3", $"file:{store.Location.DatabasePath}?mode=ro", "select count(*) from ValidPaths");
        return int.TryParse(counted.Output, out var rows) ? rows : 0;
    }

    /// <summary>The error, without what differs from run to run and without what breaks a table.</summary>
    private static string Message(string text)
    {
        var lines = text.Split('\n');
        var line = lines.FirstOrDefault(line => line.StartsWith("error:", StringComparison.Ordinal))
            ?? lines.LastOrDefault(line => line.StartsWith("warning:", StringComparison.Ordinal)) ?? lines[^1];
        line = HashPart().Replace(line, "").Replace('`', '\'').Replace("|", "\\|", StringComparison.Ordinal);
        return line.Length > LongestMessage ? line[..LongestMessage] + "…" : line;
    }

    [GeneratedRegex("[0-9a-df-np-sv-z]{32}-")]
    private static partial Regex HashPart();
}
