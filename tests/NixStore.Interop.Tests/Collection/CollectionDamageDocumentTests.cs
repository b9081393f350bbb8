using System.Text;
using System.Text.RegularExpressions;

namespace NixStore.Interop.Tests.Collection;

/// <summary>docs/DAMAGE-COLLECTION.md says what the tests prove; with NIXSTORE_DAMAGE_TABLE set it is written.</summary>
public sealed partial class CollectionDamageDocumentTests
{
    private const string Introduction = """
        # Damage: what a garbage collection does

        Each kind of damage is made by `tests/interop/damage.py` on a copy of a store of 75 paths that real Nix 2.34.8 built, 28 of them garbage.
        *Nix* is `nix-store --gc` as root with the store physically at /nix/store, *NixStore* is `Invoke-StoreGarbageCollection` or `nixstore gc`.
        A path is lost when it was alive before the damage and there after it, and is not there after the collection. What NixStore deletes
        never includes such a path: it collects, or refuses with an error and deletes nothing.

        `NIXSTORE_DAMAGE_TABLE=1 dotnet test tests/NixStore.Interop.Tests --filter DamageDocument` writes this page anew; the tests see to it
        that the last column is what they prove: `./build.sh test` on every fifth case, `./build.sh soak` on all.

        | Case | Damage | Nix 2.34.8 | NixStore |
        |---|---|---|---|

        """;

    private static string Page => $"{SourceTree.Root}/docs/DAMAGE-COLLECTION.md";

    [SkippableFact]
    public void The_page_says_what_is_proved()
    {
        if (Environment.GetEnvironmentVariable("NIXSTORE_DAMAGE_TABLE") is { Length: > 0 })
        {
            Write();
        }

        var lines = File.ReadAllLines(Page);
        Assert.All(CollectionCase.All, damage => Assert.EndsWith(
            damage.Cell, Assert.Single(lines, line => line.StartsWith($"| {damage.Number} |", StringComparison.Ordinal)), StringComparison.Ordinal));
    }

    private static void Write()
    {
        var descriptions = Command.Run("python3", $"{SourceTree.Interop}/damage.py", "list").Split('\n').Select(line => line.Split('\t'))
            .ToDictionary(fields => fields[0], fields => fields[3]);
        var page = new StringBuilder(Introduction);
        foreach (var damage in CollectionCase.All)
        {
            using var store = DamagedStore.Make(damage.Name);
            page.Append($"| {damage.Number} | {descriptions[damage.Name].Replace("|", "\\|", StringComparison.Ordinal)} | {Verdict(store)} {damage.Cell}\n");
        }

        File.WriteAllText(Page, page.ToString());
    }

    private static string Verdict(DamagedStore store)
    {
        var entries = store.CountEntries();
        var nix = Collecting.TryNix(store.Root);
        var lost = store.CountLost();
        var losses = lost switch { 0 => "", 1 => "**1 live path lost**", _ => $"**{lost} live paths lost**" };
        if (nix.ExitCode == 0)
        {
            return lost > 0 ? losses : "collects";
        }

        var message = nix.Error.Contains("error:", StringComparison.Ordinal) ? nix.Error[nix.Error.LastIndexOf("error:", StringComparison.Ordinal)..] : nix.Error;
        message = message.Split("\nTry '")[0];
        message = HashPart().Replace(message, "").Replace('\n', ' ').Replace('`', '\'').Replace("|", "\\|", StringComparison.Ordinal);
        var deleted = entries - store.CountEntries();
        return $"fails{(deleted > 0 ? $" after deleting {deleted}" : "")}{(lost > 0 ? $", {losses}" : "")}: `{(message.Length > 110 ? message[..110] + "…" : message)}`";
    }

    [GeneratedRegex("[0-9a-df-np-sv-z]{32}-")]
    private static partial Regex HashPart();
}
