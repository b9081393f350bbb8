using System.Text;

namespace NixStore.Interop.Tests.Damage;

/// <summary>The page docs/DAMAGE.md: each case, what real Nix does, what we do.</summary>
internal static class DamageDocument
{
    private const string Introduction = """
        # Damage: what real Nix does, and what NixStore does

        Each kind of damage is made by `tests/interop/damage.py` on a copy of a signed store of 75 paths that real Nix 2.34.8 built.
        *Nix* is `nix-store --verify --check-contents --repair` with a signed `file://` cache of the whole store, as root, the store
        physically at /nix/store. *NixStore* is `Get-StorePath -CheckContents | Where-Object Invalid | Repair-StorePath` with the same cache.
        “Repaired” means that afterwards both `nix-store --verify --check-contents` and our own check find nothing.
        “From itself” means that no cache was needed. What is left is named with whose work it is.

        `NIXSTORE_DAMAGE_TABLE=1 dotnet test tests/NixStore.Interop.Tests --filter DamageDocument` writes this page anew; the tests see to it
        that the last two columns are what they prove: `./build.sh test` on every fifth case, `./build.sh soak` on all.

        | Case | Damage | Nix 2.34.8 | NixStore reports | NixStore does |
        |---|---|---|---|---|

        """;

    internal static string Path => $"{SourceTree.Root}/docs/DAMAGE.md";

    /// <summary>The page with what Nix was seen to do.</summary>
    internal static string Make(IReadOnlyDictionary<string, string> descriptions, IReadOnlyDictionary<string, string> nix)
    {
        var page = new StringBuilder(Introduction);
        foreach (var damage in DamageTable.All)
        {
            page.Append($"| {damage.Number} | {descriptions[damage.Name].Replace("|", "\\|", StringComparison.Ordinal)} | {nix[damage.Name]} {OurCells(damage)}\n");
        }

        return page.ToString();
    }

    /// <summary>The end of a case's line, which follows from the table of expectations.</summary>
    internal static string OurCells(DamageCase damage) => $"| {Reported(damage)} | {Done(damage)} |";

    private static string Reported(DamageCase damage)
    {
        var states = damage.Found.Select(found => found[(found.IndexOf(": ", StringComparison.Ordinal) + 2)..]).Distinct().ToList();
        return damage.ErrorId is not null ? $"error `{damage.ErrorId}`"
            : states.Count == 0 ? "nothing"
            : (damage.Found.Count > 1 ? $"{damage.Found.Count} paths: " : "") + string.Join("; ", states.Take(2)) + (states.Count > 2 ? "; …" : "");
    }

    private static string Done(DamageCase damage) => damage.Fate switch
    {
        Fate.RepairedFromItself => "**repaired**, from itself",
        Fate.RepairedFromSource => "**repaired**",
        Fate.Refused => $"refuses; {damage.Reason}",
        _ => $"leaves it to {damage.Reason}",
    };
}
