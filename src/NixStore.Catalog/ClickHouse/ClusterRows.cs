using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.ClickHouse;

/// <summary>Brings rows of a cluster into a session of the embedded engine, as they are.</summary>
internal static class ClusterRows
{
    /// <summary>Makes a table of the rows that a condition holds for, of all shards.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="session">The session, which has the tables' forms.</param>
    /// <param name="name">The name of the table; it is replaced.</param>
    /// <param name="table">The table of the catalog.</param>
    /// <param name="condition">The condition, in ClickHouse's SQL.</param>
    /// <param name="cancellation">Stops.</param>
    internal static void Load(ClickHouseCluster cluster, DuckSession session, string name, CatalogTable table, string condition, CancellationToken cancellation)
    {
        session.Execute($"CREATE OR REPLACE TEMP TABLE {name} AS FROM form.{table}", cancellation);
        using var appender = new DuckAppender(session, name);
        foreach (var shard in cluster.Shards)
        {
            using var rows = cluster.QueryShard(shard, $"SELECT {ClusterTable.Of(table).FullColumnList} FROM {cluster.Shard(table.Name)} WHERE {condition}", cancellation);
            Append(rows, appender, ClusterTable.Of(table).Columns);
        }

        appender.Close();
    }

    /// <summary>Puts rows that have the columns of a table into one of the embedded engine.</summary>
    internal static void Append(ClickHouseRows rows, DuckAppender appender, IReadOnlyList<ClusterColumn> columns)
    {
        var hasMissing = columns[^1].Name == ClusterTable.MissingListsColumn;
        while (rows.ReadBlock())
        {
            var missing = hasMissing ? rows.Column(columns.Count - 1) : null;
            for (var row = 0; row < rows.Count; row++)
            {
                var lists = 0;
                for (var column = 0; column < columns.Count - (hasMissing ? 1 : 0); column++)
                {
                    if (columns[column].IsList)
                    {
                        if (missing is null || (missing.Int64At(row) >> lists & 1) == 0)
                        {
                            AppendList(appender, column, rows.Column(column), row);
                        }

                        lists++;
                    }
                    else if (!rows.Column(column).IsNull(row))
                    {
                        AppendValue(appender, column, columns[column].Width, rows.Column(column), row);
                    }
                }

                appender.EndRow();
            }
        }
    }

    private static void AppendValue(DuckAppender appender, int column, int width, NativeColumn values, int row)
    {
        switch (width)
        {
            case 0:
                appender.Set(column, values.BytesAt(row));
                break;
            case 1:
                appender.Set(column, (byte)values.Int64At(row));
                break;
            case 4:
                appender.Set(column, (int)values.Int64At(row));
                break;
            default:
                appender.Set(column, values.Int64At(row));
                break;
        }
    }

    private static void AppendList(DuckAppender appender, int column, NativeColumn values, int row)
    {
        var (elements, start, count) = values.ListAt(row);
        appender.BeginList(column);
        for (var i = start; i < start + count; i++)
        {
            if (elements.IsNull(i))
            {
                appender.AddNull(column);
            }
            else
            {
                appender.Add(column, elements.BytesAt(i));
            }
        }
    }
}
