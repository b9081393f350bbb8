using NixStore.Interop.Tests.Damage;
using static NixStore.Interop.Tests.Doctor.DoctorFate;

namespace NixStore.Interop.Tests.Doctor;

/// <summary>All cases of tests/interop/damage.py with what the doctor makes of each. docs/DAMAGE-DOCTOR.md is made from it.</summary>
internal static class DoctorTable
{
    private const string Library = "libfoo3-1.3";
    private const string Derivation = "libfoo3-1.3.drv";

    private static readonly Dictionary<string, DoctorCase> s_special = new DoctorCase[]
    {
        // Nothing in a store says what a source or a derivation was.
        new("a2-missing-source-with-referrers", Healed, Named, "lab-src"),
        new("a3-missing-drv-with-referrers", Healed, Named, Derivation),
        new("a4-missing-output-and-its-drv", Healed, Named, Library, Derivation),
        new("c4-zero-length-drv", Healed, Named, Derivation),
        new("c5-half-drv", Healed, Named, Derivation),
        new("f2-row-and-path-missing-referrers-exist", Healed, Named, Library),
        new("i2-links-zero-length-shared", Healed, Named, "LICENSE", "dup-a", "dup-b", "dup-c"),

        // An unmounted store is mounted, not refilled.
        new("b4-empty-store-not-mounted", Refused, Refused),

        // What a newer Nix means is not known.
        new("h13-schema-newer", Refused, Refused),
    }.ToDictionary(special => special.Name);

    /// <summary>In the order of damage.py.</summary>
    internal static IReadOnlyList<DoctorCase> All { get; }
        = [.. DamageTable.All.Select(damage => s_special.GetValueOrDefault(damage.Name) ?? new DoctorCase(damage.Name, Healed, Healed))];

    /// <summary>A case by its name.</summary>
    internal static DoctorCase Get(string name) => All.Single(damage => damage.Name == name);
}
