namespace NixStore.Engine.Salvage;

/// <summary>The schema table (sqlite.org/fileformat2.html §2.6): where the trees of a store's tables begin.</summary>
internal sealed class Schema
{
    /// <summary>The tree of the schema itself.</summary>
    internal static readonly TreeRoot Root = new(TreeKind.Schema, "sqlite_schema", 1, IsTable: true);

    // schema.sql has made the same root pages since Nix 2.8; only after a VACUUM others may have them.
    private static readonly TreeRoot[] s_usual =
    [
        new(TreeKind.Paths, "ValidPaths", 2, IsTable: true, IsAssumed: true),
        new(TreeKind.PathIndex, "sqlite_autoindex_ValidPaths_1", 3, IsTable: false, IsAssumed: true),
        new(TreeKind.References, "Refs", 5, IsTable: true, IsAssumed: true),
        new(TreeKind.ReferenceIndex, "sqlite_autoindex_Refs_1", 6, IsTable: false, IsAssumed: true),
        new(TreeKind.Outputs, "DerivationOutputs", 9, IsTable: true, IsAssumed: true),
        new(TreeKind.OutputNameIndex, "sqlite_autoindex_DerivationOutputs_1", 10, IsTable: false, IsAssumed: true),
        new(TreeKind.OutputPathIndex, "IndexDerivationOutputs", 11, IsTable: false, IsAssumed: true),
    ];

    private readonly List<TreeRoot> _found = [];

    /// <summary>Takes a row of the schema; false when it is none.</summary>
    internal bool TryAdd(in Record row)
    {
        if (row.Count != 5 || !row.TryText(0, out var type) || !row.TryText(1, out var name) || !row.TryInteger(3, out var page))
        {
            return false;
        }

        if (type is "table" or "index" && page is > 0 and <= uint.MaxValue)
        {
            var kind = s_usual.FirstOrDefault(root => root.Name == name, new(TreeKind.Other, name, 0, IsTable: false)).Kind;
            _found.Add(new TreeRoot(kind, name, (uint)page, IsTable: type == "table"));
        }

        return true;
    }

    /// <summary>All trees, in the order in which they are to be read. Where the schema has lost one, where it usually is.</summary>
    internal IReadOnlyList<TreeRoot> Trees(LossList losses)
    {
        var trees = new List<TreeRoot>(_found);
        foreach (var usual in s_usual)
        {
            if (!_found.Exists(root => root.Kind == usual.Kind))
            {
                losses.Add($"has no {(usual.IsTable ? "table" : "index")} {usual.Name} in its schema");
                if (!_found.Exists(root => root.Page == usual.Page && root.Kind != TreeKind.Other))
                {
                    trees.Add(usual);
                }
            }
        }

        // A tree whose name is damaged must not take a table's pages away from the search among the pages of no tree.
        var isWhole = _found.Exists(root => root.Kind == TreeKind.Paths)
            && _found.Exists(root => root.Kind == TreeKind.References) && _found.Exists(root => root.Kind == TreeKind.Outputs);
        return [.. trees.Where(root => isWhole || root.Kind != TreeKind.Other).OrderBy(root => root.Kind)];
    }
}
