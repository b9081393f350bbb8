using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Damage;

/// <summary>docs/DAMAGE.md says what the tests prove; with NIXSTORE_DAMAGE_TABLE set it is written.</summary>
[Collection(LabCollection.Name)]
public sealed class DamageDocumentTests(Lab lab)
{
    [SkippableFact]
    public void The_page_says_what_is_proved()
    {
        if (Environment.GetEnvironmentVariable("NIXSTORE_DAMAGE_TABLE") is { Length: > 0 })
        {
            Write();
        }

        var lines = File.ReadAllLines(DamageDocument.Path);
        Assert.All(DamageTable.All, damage => Assert.EndsWith(DamageDocument.OurCells(damage),
            Assert.Single(lines, line => line.StartsWith($"| {damage.Number} |", StringComparison.Ordinal)), StringComparison.Ordinal));
    }

    private void Write()
    {
        var descriptions = Command.Run("python3", $"{SourceTree.Interop}/damage.py", "list").Split('\n').Select(line => line.Split('\t'))
            .ToDictionary(fields => fields[0], fields => fields[3]);
        var nix = new Dictionary<string, string>();
        foreach (var damage in DamageTable.All)
        {
            using var store = new StoreUnderTest(damage.NeedsOptimisedStore);
            store.Damage(damage.Name);
            nix[damage.Name] = NixVerdict.Of(store, lab.CacheOf(damage.NeedsOptimisedStore));
        }

        File.WriteAllText(DamageDocument.Path, DamageDocument.Make(descriptions, nix));
    }
}
