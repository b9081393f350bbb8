using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Doctor;

/// <summary>docs/DAMAGE-DOCTOR.md says what the tests prove; with NIXSTORE_DAMAGE_TABLE set it is written, from what is seen.</summary>
[Collection(LabCollection.Name)]
public sealed class DoctorDocumentTests(Lab lab)
{
    [SkippableFact]
    public void The_page_says_what_is_proved()
    {
        Skip.IfNot(Command.Exists("python3"), "TOOLS MISSING: python3");
        if (Environment.GetEnvironmentVariable("NIXSTORE_DAMAGE_TABLE") is { Length: > 0 })
        {
            File.WriteAllText(DoctorDocument.Path, DoctorDocument.Make(DoctorTable.All.Select(Try)));
        }

        Assert.Equal(DoctorDocument.Make(DoctorTable.All).Split('\n'), File.ReadAllLines(DoctorDocument.Path).Append(""));
    }

    private DoctorCase Try(DoctorCase damage)
    {
        using var store = DoctorStore.MakeDamaged(damage.Name);
        using var other = DoctorStore.MakeDamaged(damage.Name);
        var (with, without) = (store.Heal(store.CacheIn(lab)), other.HealWithoutSource());
        return damage with { With = with.Fate, Without = without.Fate, Left = without.Names };
    }
}
