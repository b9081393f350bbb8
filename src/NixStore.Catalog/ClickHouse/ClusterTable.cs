using System.Globalization;
using System.Text.RegularExpressions;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.ClickHouse;

/// <summary>
/// A table of a catalog on a cluster: on each shard a table of its own (<c>narinfos_shard</c>), and over all of them one that sends each row to the shard of
/// its first 32 characters (<c>narinfos</c>). So a narinfo, its object, what Hydra knows of it and what is wrong with it are on one shard, and are compared there.
/// </summary>
internal sealed partial class ClusterTable
{
    /// <summary>The column in front of the others: the partition (<see cref="ClusterParts"/>).</summary>
    internal const string PartColumn = "part";

    /// <summary>The column behind those of the embedded engine that says which lists are missing.</summary>
    internal const string MissingListsColumn = "missing_lists";

    private const int UnknownDatabase = 81;

    private static readonly Dictionary<string, ClusterTable> s_all = CatalogTable.All.ToDictionary(table => table.Name, table => new ClusterTable(table), StringComparer.Ordinal);

    private ClusterTable(CatalogTable table)
    {
        Table = table;
        Columns = [.. Definition().Matches(ClusterSql.Of("Tables/" + table.Name)).Select(match => new ClusterColumn(match.Groups[1].Value, match.Groups[2].Value))];
    }

    /// <summary>All tables.</summary>
    internal static IEnumerable<ClusterTable> All => s_all.Values;

    /// <summary>The table that it is.</summary>
    internal CatalogTable Table { get; }

    /// <summary>Its columns but the part.</summary>
    internal IReadOnlyList<ClusterColumn> Columns { get; }

    /// <summary>The columns that the embedded engine has too, for SELECT.</summary>
    internal string ColumnList => string.Join(", ", Columns.Where(column => column.Name != MissingListsColumn).Select(column => $"\"{column.Name}\""));

    /// <summary>All columns behind the part, for SELECT and INSERT.</summary>
    internal string FullColumnList => string.Join(", ", Columns.Select(column => $"\"{column.Name}\""));

    /// <summary>What says on which shard a row is.</summary>
    internal string Key => Columns[0].Type == "String" ? Columns[0].Name : $"ifNull({Columns[0].Name}, '')";

    /// <summary>Bytes of a row, as far as they are the same wherever it is kept.</summary>
    internal string RowSize => string.Join(" + ", Columns.Select(column => column.Width > 0 ? $"{column.Width}"
        : column.IsList ? $"arraySum(x -> length(ifNull(x, '')) + 1, \"{column.Name}\")" : $"length(ifNull(\"{column.Name}\", '')) + 1"));

    /// <summary>A number that depends on all of a row.</summary>
    internal string RowHash => $"sipHash64({string.Join(", ", Columns.Select(column => column.IsList
        ? $"arrayStringConcat(arrayMap(x -> concat(toString(isNull(x)), ifNull(x, '')), \"{column.Name}\"), '\\n')" : $"isNull(\"{column.Name}\"), ifNull(toString(\"{column.Name}\"), '')"))})";

    /// <summary>That of a table.</summary>
    internal static ClusterTable Of(CatalogTable table) => s_all[table.Name];

    /// <summary>The expression that says on which shard a text belongs.</summary>
    internal static string ShardOf(string text) => $"cityHash64(substring({text}, 1, 32))";

    /// <summary>Makes it on a shard.</summary>
    internal IEnumerable<string> Create(ClickHouseCluster cluster)
    {
        var columns = string.Join(", ", Columns.Select(column => $"\"{column.Name}\" {column.Type}"));
        var order = Columns[0].Type == "String" ? Columns[0].Name : "tuple()";
        yield return $"CREATE TABLE IF NOT EXISTS {cluster.Shard(Table.Name)} ({PartColumn} UInt64, {columns}) ENGINE = MergeTree PARTITION BY {PartColumn} ORDER BY {order}";
        yield return $"CREATE TABLE IF NOT EXISTS {cluster.All(Table.Name)} ({PartColumn} UInt64, {columns}) ENGINE = {cluster.Distributed(Table.Name, ShardOf(Key))}";
    }

    /// <summary>Removes all of a catalog from a shard but its states. A partition at a time: servers refuse to drop large tables.</summary>
    /// <exception cref="NixStoreException">ClickHouseShardUnavailable; <see cref="ClickHouseException"/></exception>
    internal static void Drop(ClickHouseCluster cluster, ShardStatus shard, CancellationToken cancellation)
    {
        foreach (var (table, partition) in shard.Rows.Keys.Where(key => s_all.Values.Any(table => key.Table == $"{table.Table}_shard")))
        {
            shard.Server.Execute(string.Create(CultureInfo.InvariantCulture, $"ALTER TABLE {cluster.All(table)} DROP PARTITION {partition}"), cancellation);
        }

        foreach (var name in All.SelectMany(table => new[] { cluster.All(table.Table.Name), cluster.Shard(table.Table.Name) }).Concat(shard.Places.Select(place => cluster.All(ShardStatus.PlaceName(place)))))
        {
            shard.Server.Execute($"DROP TABLE IF EXISTS {name}", cancellation);
        }
    }

    /// <summary>The names of the tables in the catalog's database on a shard that a regular expression matches.</summary>
    /// <exception cref="NixStoreException">ClickHouseShardUnavailable; <see cref="ClickHouseException"/></exception>
    internal static List<string> Names(ClickHouseCluster cluster, ClickHouseServer shard, string pattern, CancellationToken cancellation)
    {
        var names = new List<string>();
        try
        {
            using var rows = shard.Query(ClusterSql.Of("tables", ("database", ClickHouseCluster.Quote(cluster.Address.Database)), ("pattern", ClickHouseCluster.Quote(pattern))), cancellation);
            while (rows.Read())
            {
                names.Add(rows.GetText(0));
            }
        }
        catch (ClickHouseException error) when (error.Code == UnknownDatabase)
        {
            // Then there is nothing in it.
        }

        return names;
    }

    [GeneratedRegex(@"""?(\w+)""? ((?:\w+\()*\w+\)*)")]
    private static partial Regex Definition();
}
