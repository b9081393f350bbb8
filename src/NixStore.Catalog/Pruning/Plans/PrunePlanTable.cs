using NixStore.Catalog.DuckDB;
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

    /// <summary>Lets a session show files as the table.</summary>
    /// <exception cref="DuckException"/>
    internal void CreateView(DuckSession session, string view, IReadOnlyList<string> files)
    {
        session.Execute($"CREATE OR REPLACE TEMP TABLE no_{view} ({Columns})");
        session.Execute($"CREATE OR REPLACE TEMP VIEW {view} AS SELECT * FROM {(files.Count == 0 ? $"no_{view}" : DuckFiles.Parquet(files))}");
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
