namespace NixStore.Catalog.DuckDB;

/// <summary>Files as tables, in SQL.</summary>
public static class DuckFiles
{
    /// <summary>The rows of Parquet files that have the same columns.</summary>
    /// <param name="paths">Where they are. What their folders are called says nothing: <c>date=2026</c> is no column here.</param>
    public static string Parquet(params IEnumerable<string> paths) => $"read_parquet([{List(paths)}], hive_partitioning = false)";

    /// <summary>As <see cref="Parquet"/>, with the number of each row in its file as <c>file_row_number</c>.</summary>
    public static string NumberedParquet(string path) => $"read_parquet([{List([path])}], hive_partitioning = false, file_row_number = true)";

    private static string List(IEnumerable<string> paths) => string.Join(", ", paths.Select(DuckSession.Quote));
}
