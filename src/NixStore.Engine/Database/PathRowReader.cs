using Microsoft.Data.Sqlite;

namespace NixStore.Engine.Database;

/// <summary>Makes rows of what SQLite gives, whatever its types: a column of SQLite holds what was put into it, not what it was declared for.</summary>
internal static class PathRowReader
{
    /// <summary>The row that a reader over the columns of <c>ValidPaths</c> stands on.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="names">Paths of the references.</param>
    /// <param name="referenceIds">Ids that table <c>Refs</c> has for the row.</param>
    internal static PathRow Read(SqliteDataReader reader, PathNames names, List<long>? referenceIds)
    {
        List<(string, string)>? malformed = null;
        string[] references = [];
        List<long>? dangling = null;
        if (referenceIds is not null)
        {
            var found = new List<string>(referenceIds.Count);
            foreach (var reference in referenceIds)
            {
                if (names.Find(reference) is { } name)
                {
                    found.Add(name);
                }
                else
                {
                    (dangling ??= []).Add(reference);
                }
            }

            references = [.. found];
            Array.Sort(references, StringComparer.Ordinal);
        }

        return new PathRow
        {
            Id = reader.GetInt64(0),
            Path = Text(reader, 1) ?? "",
            Hash = Text(reader, 2),
            RegistrationTime = Number(reader, 3, Note),
            Deriver = Text(reader, 4),
            NarSize = Number(reader, 5, Note),
            Ultimate = Number(reader, 6, Note),
            Signatures = Text(reader, 7),
            ContentAddress = Text(reader, 8),
            References = references,
            DanglingReferences = dangling ?? [],
            MalformedColumns = malformed ?? [],
        };

        void Note(int column) => (malformed ??= []).Add((reader.GetName(column), Text(reader, column) ?? "NULL"));
    }

    /// <summary>Any value as text; blobs as UTF-8 where they are.</summary>
    internal static string? Text(SqliteDataReader reader, int column)
    {
        var type = SQLitePCL.raw.sqlite3_column_type(reader.Handle, column);
        return type == SQLitePCL.raw.SQLITE_NULL ? null
            : type == SQLitePCL.raw.SQLITE_TEXT ? reader.GetString(column)
            : SQLitePCL.raw.sqlite3_column_text(reader.Handle, column).utf8_to_string();
    }

    /// <summary>A whole number; what is neither that nor NULL is given to <paramref name="malformed"/>.</summary>
    internal static long? Number(SqliteDataReader reader, int column, Action<int>? malformed)
    {
        switch (SQLitePCL.raw.sqlite3_column_type(reader.Handle, column))
        {
            case SQLitePCL.raw.SQLITE_INTEGER:
                return SQLitePCL.raw.sqlite3_column_int64(reader.Handle, column);
            case SQLitePCL.raw.SQLITE_NULL:
                return null;
            default:
                malformed?.Invoke(column);
                return null;
        }
    }
}
