namespace NixStore.Engine.Salvage;

/// <summary>What the rows of a tree are, in the order in which trees are read: a table before its indices.</summary>
internal enum TreeKind
{
    /// <summary>The schema.</summary>
    Schema,

    /// <summary>Table <c>ValidPaths</c>.</summary>
    Paths,

    /// <summary>Its index by path: path, id.</summary>
    PathIndex,

    /// <summary>Table <c>Refs</c>.</summary>
    References,

    /// <summary>The index of its primary key: referrer, reference, row id. All that the table has.</summary>
    ReferenceIndex,

    /// <summary>Table <c>DerivationOutputs</c>.</summary>
    Outputs,

    /// <summary>The index of its primary key: derivation, name, row id.</summary>
    OutputNameIndex,

    /// <summary>Its index by path: path, row id. With the other index, all that the table has.</summary>
    OutputPathIndex,

    /// <summary>Nothing that is salvaged.</summary>
    Other,
}

/// <summary>A table or an index.</summary>
/// <param name="Kind">What its rows are.</param>
/// <param name="Name">Its name in the schema.</param>
/// <param name="Page">Its root page.</param>
/// <param name="IsTable">True for a table.</param>
/// <param name="IsAssumed">True when the schema does not say so: only rows beyond doubt count.</param>
internal readonly record struct TreeRoot(TreeKind Kind, string Name, uint Page, bool IsTable, bool IsAssumed = false);
