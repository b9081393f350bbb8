namespace NixStore.Interop.Tests.Collection;

/// <summary>What a collection makes of a damaged store.</summary>
public enum CollectionFate
{
    /// <summary>It goes through.</summary>
    Collects,

    /// <summary>It goes through but for what cannot be deleted, which is told.</summary>
    CollectsTheRest,

    /// <summary>It refuses with an error and deletes nothing.</summary>
    Refuses,
}

/// <summary>A case of tests/interop/damage.py that concerns garbage collection, and what is expected of us.</summary>
/// <param name="Name">The case.</param>
/// <param name="Fate">What becomes of it.</param>
/// <param name="Detail">The error's id, or what there is to say.</param>
public sealed record CollectionCase(string Name, CollectionFate Fate, string Detail = "")
{
    private const string Untrusted = "DatabaseNotTrustworthy";

    /// <summary>In the order of damage.py.</summary>
    internal static IReadOnlyList<CollectionCase> All { get; } =
    [
        new("e4-immutable-orphan", CollectionFate.CollectsTheRest, "AccessDenied"),
        new("f1-row-missing-referrers-exist", CollectionFate.Refuses, Untrusted),
        new("f3-drv-row-missing", CollectionFate.Refuses, Untrusted),
        new("g1-dangling-refs-referrer", CollectionFate.Refuses, Untrusted),
        new("g3-missing-refs-row", CollectionFate.Refuses, "ReferencesMissing"),
        new("g6-bad-hash-row", CollectionFate.Collects),
        new("g8-bad-sigs", CollectionFate.Collects),
        new("g9-bad-deriver", CollectionFate.Collects),
        new("g12-bad-ca", CollectionFate.Collects),
        new("h6-db-dir-missing", CollectionFate.Refuses, "SchemaDamaged"),
        new("h7-index-entry-missing", CollectionFate.Refuses, Untrusted),
        new("h14-refs-page-zeroed", CollectionFate.Refuses, "DatabaseMalformed"),
        new("i6-links-repaired-then-optimise", CollectionFate.Collects, "the bad link goes, as no path shares it"),
        new("j7-immutable-dead", CollectionFate.CollectsTheRest, "AccessDenied"),
        new("k1-stale-lock", CollectionFate.Collects),
        new("k2-chroot-leftover", CollectionFate.Collects),
        new("k3-tmp-dirs", CollectionFate.Collects, "temporary links only when they are ten minutes old"),
        new("k4-stale-temproots", CollectionFate.Collects),
        new("k5-temproots-nonnumeric", CollectionFate.Collects),
        new("k6-gc-socket-leftover", CollectionFate.Collects),
        new("k7-move-leftover", CollectionFate.Collects, "the only good copy that an interrupted repair has put aside stays"),
        new("k8-roots-broken", CollectionFate.Collects),
    ];

    /// <summary>The letter and number before the first hyphen.</summary>
    internal string Number => Name[..Name.IndexOf('-', StringComparison.Ordinal)];

    /// <summary>The end of the case's line in docs/DAMAGE-COLLECTION.md.</summary>
    internal string Cell => Fate switch
    {
        CollectionFate.Refuses => $"| refuses: `{Detail}`; nothing is deleted |",
        CollectionFate.CollectsTheRest => $"| **collects** the rest, and tells what cannot be deleted: `{Detail}` |",
        _ => $"| **collects**{(Detail.Length > 0 ? $"; {Detail}" : "")} |",
    };

    /// <inheritdoc/>
    public override string ToString() => Name;
}
