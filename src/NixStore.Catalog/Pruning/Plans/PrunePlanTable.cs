using NixStore.Catalog.Sql;

namespace NixStore.Catalog.Pruning.Plans;

/// <summary>A table of a plan: a folder of Parquet files.</summary>
/// <param name="Name">Name of the folder, and of the view in a session behind <c>plan_</c>.</param>
public sealed record PrunePlanTable(string Name)
{
    /// <summary>The paths that go.</summary>
    public static PrunePlanTable NarInfos { get; } = new("narinfos");

    /// <summary>The objects that are deleted.</summary>
    public static PrunePlanTable Objects { get; } = new("objects");

    /// <summary>References that paths which stay lose.</summary>
    public static PrunePlanTable Dangling { get; } = new("dangling");

    /// <summary>All tables.</summary>
    public static IReadOnlyList<PrunePlanTable> All { get; } = [NarInfos, Objects, Dangling];

    /// <summary>The view of it in a session.</summary>
    public string View => "plan_" + Name;

    /// <summary>Its columns, as between the parentheses of CREATE TABLE.</summary>
    internal string Columns => SqlText.Of("Pruning/Tables/" + Name);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
