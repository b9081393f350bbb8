using System.Runtime.InteropServices;

namespace NixStore.Catalog.DuckDB;

/// <summary>struct duckdb_result: passed by value and by address, never looked into.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DuckResult
{
    internal ulong ColumnCount;
    internal ulong RowCount;
    internal ulong RowsChanged;
    internal nint Columns;
    internal nint ErrorMessage;
    internal nint Data;
}

/// <summary>struct duckdb_query_progress_type.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DuckProgress
{
    internal double Percentage;
    internal ulong RowsProcessed;
    internal ulong TotalRows;
}
