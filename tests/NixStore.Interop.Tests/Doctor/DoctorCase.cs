namespace NixStore.Interop.Tests.Doctor;

/// <summary>What becomes of a damaged store.</summary>
public enum DoctorFate
{
    /// <summary>It is as it was.</summary>
    Healed,

    /// <summary>What can't be brought back is named with what can be done; everything else is healed.</summary>
    Named,

    /// <summary>Nothing is touched.</summary>
    Refused,
}

/// <summary>A case of tests/interop/damage.py and what the doctor makes of it.</summary>
/// <param name="Name">The case.</param>
/// <param name="With">What becomes of it with a cache of the whole store.</param>
/// <param name="Without">What becomes of it with nothing but the store and a Nix that builds.</param>
/// <param name="Left">Names of the paths that are left without a source.</param>
public sealed record DoctorCase(string Name, DoctorFate With, DoctorFate Without, params IReadOnlyList<string> Left)
{
    /// <summary>The letter and number before the first hyphen.</summary>
    internal string Number => Name[..Name.IndexOf('-', StringComparison.Ordinal)];

    /// <summary>The end of the case's line in docs/DAMAGE-DOCTOR.md.</summary>
    internal string Cells => $"| {Cell(With, [])} | {Cell(Without, Left)} |";

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static string Cell(DoctorFate fate, IReadOnlyList<string> left) => fate switch
    {
        DoctorFate.Healed => "**healed**",
        DoctorFate.Refused => "refuses",
        _ => $"names {(left.Count > 4 ? $"{string.Join(", ", left.Take(3))} and {left.Count - 3} more" : string.Join(", ", left))}",
    };
}
