namespace NixStore.Engine.Salvage;

/// <summary>All that was found, by table. What is more trustworthy comes first.</summary>
internal sealed class RowCollector(StoreDirectory directory)
{
    /// <summary>The schema.</summary>
    internal Schema Schema { get; } = new();

    /// <summary>Rows of <c>ValidPaths</c>.</summary>
    internal PathPool Paths { get; } = new(directory);

    /// <summary>Rows of <c>Refs</c>.</summary>
    internal ReferencePool References { get; } = new();

    /// <summary>Rows of <c>DerivationOutputs</c>.</summary>
    internal OutputPool Outputs { get; } = new(directory);

    /// <summary>Takes a row; false when it is not of that kind.</summary>
    /// <param name="kind">What it should be.</param>
    /// <param name="rowId">Its id; 0 in an index.</param>
    /// <param name="row">The row.</param>
    /// <param name="place">Where it is.</param>
    /// <param name="isStrict">Whether it must be beyond doubt: nothing but its own shape says that it is one.</param>
    internal bool TryAdd(TreeKind kind, long rowId, in Record row, SalvagePlace place, bool isStrict) => kind switch
    {
        TreeKind.Schema => Schema.TryAdd(row),
        TreeKind.Paths => Paths.TryAdd(rowId, row, place, isStrict),
        TreeKind.PathIndex => Paths.TryAddIndexed(row, place, isStrict),
        TreeKind.References => References.TryAdd(row, place.Origin, columns: 2, isStrict),
        TreeKind.ReferenceIndex => References.TryAdd(row, place.Origin, columns: 3, isStrict),
        TreeKind.Outputs => Outputs.TryAdd(rowId, row, place.Origin, isStrict),
        TreeKind.OutputNameIndex => Outputs.TryAddName(row, isStrict),
        TreeKind.OutputPathIndex => Outputs.TryAddPath(row, isStrict),
        _ => false,
    };

    /// <summary>Ends the reading of a tree, or of all pages of one origin.</summary>
    internal void EndPart() => References.EndPart();
}
