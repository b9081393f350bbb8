namespace NixStore.Interop.Tests.Damage;

/// <summary>What becomes of a kind of damage.</summary>
public enum Fate
{
    /// <summary>Repaired with nothing but what is in the store.</summary>
    RepairedFromItself,

    /// <summary>Repaired from a cache; without one it is an error, and nothing is touched.</summary>
    RepairedFromSource,

    /// <summary>Reading the store is refused with an error.</summary>
    Refused,

    /// <summary>Paths stay as they are: another command's work, or nobody's.</summary>
    Left,
}

/// <summary>One of the cases of tests/interop/damage.py and what is expected of us.</summary>
/// <param name="Name">The case.</param>
/// <param name="Fate">What becomes of it.</param>
/// <param name="Found">What the check reports: <c>name: State [Kind file, …]</c> for each path, by name.</param>
/// <param name="ErrorId">When refused: the error.</param>
/// <param name="Reason">When nothing is repaired: whose work it is, or why it is nobody's.</param>
public sealed record DamageCase(string Name, Fate Fate, IReadOnlyList<string> Found, string? ErrorId = null, string? Reason = null)
{
    /// <summary>The letter and number before the first hyphen.</summary>
    public string Number => Name[..Name.IndexOf('-', StringComparison.Ordinal)];

    /// <summary>Cases i are about the links of an optimised store.</summary>
    public bool NeedsOptimisedStore => Name.StartsWith('i');

    /// <summary>Needs a file system with an immutable flag.</summary>
    public bool NeedsImmutableFlag => Number is "e4" or "j7";

    /// <summary>True when Repair-StorePath mends it.</summary>
    public bool IsRepaired => Fate is Fate.RepairedFromItself or Fate.RepairedFromSource;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
