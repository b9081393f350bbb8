using System.Collections.ObjectModel;
using NixStore.Engine.Database;

namespace NixStore.Engine.Salvage;

/// <summary>A row of <c>ValidPaths</c> that was found in a damaged database.</summary>
public sealed record SalvagedPath
{
    /// <summary>The id that it had.</summary>
    public required long Id { get; init; }

    /// <summary>
    /// The row. Its references and outputs are those that are at least as trustworthy as the row itself. Where only an index knew of it,
    /// there is nothing but the path and these.
    /// </summary>
    public required ForgottenRow Row { get; init; }

    /// <summary>Where it was found.</summary>
    public required SalvagePlace Place { get; init; }

    /// <summary>
    /// True when the index of paths, reached through its tree, has this path with this id as well: whatever the place of the row, it was current.
    /// </summary>
    public bool IsIndexed { get; init; }

    /// <summary>True when the columns were found, and not only the path.</summary>
    public bool IsComplete => Place.Origin != SalvageOrigin.Index;

    /// <summary>Columns whose value is not of their type or no text; they are null (or 0) in <see cref="Row"/>.</summary>
    public IReadOnlyList<string> MalformedColumns { get; init; } = [];

    /// <summary>References that are less trustworthy than the row: a scan of the contents must confirm them.</summary>
    public IReadOnlyList<string> DoubtfulReferences { get; init; } = [];

    /// <summary>Outputs that are less trustworthy than the row: the derivation must confirm them.</summary>
    public IReadOnlyDictionary<string, string> DoubtfulOutputs { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Ids that table <c>Refs</c> has for it and that no row has.</summary>
    public IReadOnlyList<long> DanglingReferences { get; init; } = [];
}
