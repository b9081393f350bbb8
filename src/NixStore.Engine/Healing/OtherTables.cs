using Microsoft.Data.Sqlite;
using NixStore.Engine.Database;

namespace NixStore.Engine.Healing;

/// <summary>
/// Tables that are not of the store's own schema: those of content-addressed derivations (Nix libstore/ca-specific-schema.sql: Realisations,
/// BuildTrace) above all. They are taken over as they are, as far as SQLite can read them, but for rows that refer to what is gone.
/// </summary>
internal static class OtherTables
{
    private static readonly string[] s_own = ["ValidPaths", "Refs", "DerivationOutputs"];

    /// <summary>Copies them into a new database.</summary>
    /// <param name="from">The old database.</param>
    /// <param name="to">The new one.</param>
    /// <exception cref="StoreDatabaseException">The new one cannot be written.</exception>
    internal static void Copy(string from, string to)
    {
        SqliteLibrary.EnsureReady();
        var tables = ReadTables(from);
        if (tables.Count == 0)
        {
            return;
        }

        try
        {
            using var connection = new SqliteConnection(
                new SqliteConnectionStringBuilder { DataSource = to, Mode = SqliteOpenMode.ReadWrite, Pooling = false, ForeignKeys = false }.ToString());
            connection.Open();
            Execute(connection, "attach $file as old", ("$file", from));
            foreach (var (name, sql) in tables)
            {
                Copy(connection, name, sql);
            }

            Execute(connection, "detach old");
            foreach (var (name, _) in tables)
            {
                DropBroken(connection, name);
            }

            Execute(connection, "pragma wal_checkpoint(truncate)");
        }
        catch (SqliteException error)
        {
            throw StoreDatabaseException.From(error, to);
        }
    }

    /// <summary>Names and definitions; none where SQLite cannot read them.</summary>
    private static List<(string Name, string Sql)> ReadTables(string file)
    {
        var tables = new List<(string, string)>();
        try
        {
            using var connection = new SqliteConnection(
                new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "select name, sql from sqlite_master where type = 'table' and sql is not null and name not like 'sqlite_%'";
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                if (!s_own.Contains(reader.GetString(0), StringComparer.OrdinalIgnoreCase))
                {
                    tables.Add((reader.GetString(0), reader.GetString(1)));
                }
            }
        }
        catch (SqliteException)
        {
            // The old database, which is kept, still has what there was.
        }

        return tables;
    }

    private static void Copy(SqliteConnection connection, string name, string sql)
    {
        if (!Exists(connection, name))
        {
            Execute(connection, sql);
        }

        try
        {
            Execute(connection, $"insert or ignore into main.{Quote(name)} select * from old.{Quote(name)}");
        }
        catch (SqliteException)
        {
            // Damaged as well: it stays empty. Realisations are looked up in caches, or made anew by the next build.
        }
    }

    /// <summary>Some versions of Nix make tables that others do not.</summary>
    private static bool Exists(SqliteConnection connection, string name)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "select 1 from main.sqlite_master where type = 'table' and name = $name collate nocase";
        command.Parameters.AddWithValue("$name", name);
        return command.ExecuteScalar() is not null;
    }

    private static void DropBroken(SqliteConnection connection, string name)
    {
        var broken = new List<long>();
        using (var check = connection.CreateCommand())
        {
            check.CommandText = $"pragma foreign_key_check({Quote(name)})";
            using var reader = check.ExecuteReader();
            while (reader.Read())
            {
                broken.Add(reader.GetInt64(1));
            }
        }

        foreach (var row in broken)
        {
            Execute(connection, $"delete from {Quote(name)} where rowid = $row", ("$row", row));
        }
    }

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static void Execute(SqliteConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        command.ExecuteNonQuery();
    }
}
