using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Sql;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Roots;

/// <summary>Changes the table <c>roots</c>. Each change is one step: after a kill the table is as before, or as after.</summary>
public static class RootTable
{
    private const string Added = "added_roots";
    private const string Removed = "removed_roots";

    /// <summary>Adds roots. What their origins have brought before is replaced.</summary>
    /// <param name="writer">The catalog.</param>
    /// <param name="lists">What the origins bring now.</param>
    /// <param name="addedAt">The time now.</param>
    /// <param name="expiresAt">When they cease to be roots; null = never.</param>
    /// <param name="cancellation">Stops; nothing has changed then.</param>
    /// <exception cref="DuckException"/>
    /// <exception cref="OperationCanceledException"/>
    public static void Add(CatalogWriter writer, IReadOnlyList<RootList> lists, DateTimeOffset addedAt, DateTimeOffset? expiresAt, CancellationToken cancellation = default)
    {
        if (lists.Count == 0)
        {
            return;
        }

        Make(writer.Session, Added);
        using (var rows = new DuckAppender(writer.Session, Added))
        {
            foreach (var list in lists)
            {
                cancellation.ThrowIfCancellationRequested();
                Append(rows, list, addedAt, expiresAt);
            }

            rows.Close();
        }

        Replace(writer, SqlText.Of("Roots/replace"), cancellation);
        writer.Session.Execute($"DROP TABLE {Added}", CancellationToken.None);
    }

    /// <summary>Removes roots. One that was added anew since it was looked up stays.</summary>
    /// <exception cref="DuckException"/>
    /// <exception cref="OperationCanceledException"/>
    public static void Remove(CatalogWriter writer, IEnumerable<BinaryCacheRoot> roots, CancellationToken cancellation = default)
    {
        Make(writer.Session, Removed);
        using (var rows = new DuckAppender(writer.Session, Removed))
        {
            foreach (var root in roots)
            {
                rows.Set(0, root.HashPart);
                rows.Set(3, root.Origin);
                rows.SetMilliseconds(5, root.AddedAt);
                rows.EndRow();
            }

            rows.Close();
        }

        Replace(writer, SqlText.Of("Roots/without"), cancellation);
        writer.Session.Execute($"DROP TABLE {Removed}", CancellationToken.None);
    }

    private static void Make(DuckSession session, string table) => session.Execute($"CREATE OR REPLACE TEMP TABLE {table} AS FROM form.{CatalogTable.Roots}");

    private static void Append(DuckAppender rows, RootList list, DateTimeOffset addedAt, DateTimeOffset? expiresAt)
    {
        var kind = list.Kind.ToString();
        foreach (var path in list.MaximumAge is null ? (IReadOnlyList<StorePath?>)list.Paths : [null])
        {
            rows.Set(0, path?.HashPart);
            rows.Set(1, path?.Name);
            rows.Set(2, kind);
            rows.Set(3, list.Origin);
            if (list.MaximumAge is { } age)
            {
                rows.Set(4, (long)age.TotalSeconds);
            }

            rows.SetMilliseconds(5, addedAt);
            rows.SetMilliseconds(6, expiresAt);
            rows.EndRow();
        }
    }

    private static void Replace(CatalogWriter writer, string select, CancellationToken cancellation)
    {
        var old = writer.Manifest[CatalogTable.Roots].Parts;
        var step = writer.BeginStep();
        step.Write(CatalogTable.Roots, select, cancellation: cancellation);
        step.Drop(CatalogTable.Roots, part => old.Contains(part));
        step.Commit();
    }
}
