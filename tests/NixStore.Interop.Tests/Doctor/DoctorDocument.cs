using System.Text;

namespace NixStore.Interop.Tests.Doctor;

/// <summary>The page docs/DAMAGE-DOCTOR.md: each case and what the doctor makes of it.</summary>
internal static class DoctorDocument
{
    private const string Introduction = """
        # Damage: what the doctor makes of it

        Each kind of damage is made by `tests/interop/damage.py` on a copy of a signed store of 75 paths that real Nix 2.34.8 built, and treated with
        `nixstore doctor --yes`, which does what `Repair-NixStore` does. *With a source* there is a signed `file://` cache of the whole store. *Without*
        there is only the store, and the Nix of the machine to build what can be built again (`--rebuild`).

        “Healed” means that afterwards `nix-store --verify --check-contents` and our own checks find nothing; `--gc --print-dead`, `-qR` of every root and
        `nix-build` of the expression that the store was made from succeed; what is alive is what was alive before the damage, with the same contents and
        rows; and a collection by real Nix deletes nothing of it. What is named is in the report with what can be done about it; everything else is healed, and
        nothing is worse than it was.

        `NIXSTORE_DAMAGE_TABLE=1 dotnet test tests/NixStore.Interop.Tests --filter DoctorDocument` tries all cases and writes this page anew; the tests see to
        it that it says what they prove.

        | Case | Damage | With a source | Without |
        |---|---|---|---|

        """;

    internal static string Path => $"{SourceTree.Root}/docs/DAMAGE-DOCTOR.md";

    /// <summary>The page.</summary>
    internal static string Make(IEnumerable<DoctorCase> cases)
    {
        var descriptions = Command.Run("python3", $"{SourceTree.Interop}/damage.py", "list").Split('\n').Select(line => line.Split('\t'))
            .ToDictionary(fields => fields[0], fields => fields[3]);
        var page = new StringBuilder(Introduction);
        foreach (var damage in cases)
        {
            page.Append($"| {damage.Number} | {descriptions[damage.Name].Replace("|", "\\|", StringComparison.Ordinal)} {damage.Cells}\n");
        }

        return page.ToString();
    }
}
