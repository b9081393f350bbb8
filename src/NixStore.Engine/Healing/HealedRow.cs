using NixStore.Engine.Database;
using NixStore.Engine.Rebuilding;
using NixStore.Engine.Salvage;

namespace NixStore.Engine.Healing;

/// <summary>A row as it is to be, with what it was made of.</summary>
internal sealed class HealedRow
{
    /// <summary>The row as it is to be; its references may still name paths without a row until <see cref="NeededRows"/> was asked.</summary>
    internal required ForgottenRow Row { get; set; }

    /// <summary>What the database had of the path; null when it had lost it.</summary>
    internal SalvagedPath? Before { get; init; }

    /// <summary>What the files say; null when they were not asked, or there are none.</summary>
    internal RebuiltRow? Remade { get; init; }

    /// <summary>Where it comes from, when neither from the database nor from the files.</summary>
    internal string? Source { get; init; }

    /// <summary>True for a path of which nothing is known but that others refer to it.</summary>
    internal bool IsPlaceholder { get; init; }

    /// <summary>True when the database, as SQLite reads it, has this row.</summary>
    internal bool WasCurrent => Before is { } before && DamagedRows.IsCurrent(before);

    /// <summary>
    /// The row that the files give. What they certainly refer to and what is not there is lost, and not to be forgotten as well.
    /// </summary>
    internal static HealedRow From(RebuiltRow remade, SalvagedPath? before = null) => new()
    {
        Row = remade.Certainty.References == StoreCertainty.Assumed ? remade.Row
            : remade.Row with { References = [.. remade.Row.References.Concat(remade.Certainty.MissingReferences).Order(StringComparer.Ordinal)] },
        Before = before,
        Remade = remade,
    };

    /// <summary>All that the files mention, whether it is in the store or not; empty when they were not asked.</summary>
    internal IEnumerable<string> Mentioned => Remade is null ? [] : Remade.Row.References.Concat(Remade.Certainty.MissingReferences);

    /// <summary>True when the files have the contents that the row stands for.</summary>
    internal bool HasItsContents => Remade is not null && Remade.Row.Hash == Row.Hash;
}
