using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Pruning.Plans;

/// <summary>Puts rows that are objects into a plan, where there is no catalog to ask. Each table at most once; they are put in order here.</summary>
public static class PrunePlanFiller
{
    /// <summary>Writes paths.</summary>
    public static void Write(this PrunePlanWriter writer, IEnumerable<PlannedNarInfo> rows) => Fill(writer, PrunePlanTable.NarInfos, "hash", appender =>
    {
        foreach (var row in rows)
        {
            Texts(appender, 0, row.HashPart, row.Name, row.Class, row.Url, row.NarHash);
            appender.Set(5, row.NarSize);
            Number(appender, 6, row.FileSize);
            appender.SetMilliseconds(7, row.LastModified);
            appender.Set(8, row.Deriver);
            appender.Set(9, (byte)(row.IsFixedOutput ? 1 : 0));
            appender.EndRow();
        }
    });

    /// <summary>Writes objects.</summary>
    public static void Write(this PrunePlanWriter writer, IEnumerable<PlannedObject> rows) => Fill(writer, PrunePlanTable.Objects, "wave, key", appender =>
    {
        foreach (var row in rows)
        {
            Texts(appender, 0, row.Key, row.Kind.ToString());
            appender.Set(2, row.Wave);
            Number(appender, 3, row.Size);
            appender.Set(4, row.ETag);
            appender.SetMilliseconds(5, row.LastModified);
            Texts(appender, 6, row.StorageClass, row.HashPart);
            appender.EndRow();
        }
    });

    /// <summary>Writes references that are lost.</summary>
    public static void Write(this PrunePlanWriter writer, IEnumerable<PlannedDangling> rows) => Fill(writer, PrunePlanTable.Dangling, "hash, reference", appender =>
    {
        foreach (var row in rows)
        {
            Texts(appender, 0, row.HashPart, row.Name, row.Reference);
            appender.EndRow();
        }
    });

    private static void Fill(PrunePlanWriter writer, PrunePlanTable table, string order, Action<DuckAppender> append)
    {
        using var session = new DuckSession(new DuckOptions { TemporaryDirectory = TemporaryFolder.New("plan") });
        session.Execute($"CREATE TABLE filled ({table.Columns})");
        using (var appender = new DuckAppender(session, "filled"))
        {
            append(appender);
            appender.Close();
        }

        writer.Write(session, table, $"SELECT * FROM filled ORDER BY {order}");
    }

    private static void Texts(DuckAppender appender, int first, params ReadOnlySpan<string?> texts)
    {
        for (var i = 0; i < texts.Length; i++)
        {
            appender.Set(first + i, texts[i]);
        }
    }

    private static void Number(DuckAppender appender, int column, long? value)
    {
        if (value is { } number)
        {
            appender.Set(column, number);
        }
    }
}
