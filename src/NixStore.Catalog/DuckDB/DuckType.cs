namespace NixStore.Catalog.DuckDB;

/// <summary>Types of columns (enum duckdb_type), as far as they are read or written here.</summary>
public enum DuckType
{
    /// <summary>None, or one that this enumeration does not name.</summary>
    Invalid = 0,
    /// <summary>BOOLEAN</summary>
    Boolean = 1,
    /// <summary>TINYINT</summary>
    Int8 = 2,
    /// <summary>SMALLINT</summary>
    Int16 = 3,
    /// <summary>INTEGER</summary>
    Int32 = 4,
    /// <summary>BIGINT</summary>
    Int64 = 5,
    /// <summary>UTINYINT</summary>
    UInt8 = 6,
    /// <summary>USMALLINT</summary>
    UInt16 = 7,
    /// <summary>UINTEGER</summary>
    UInt32 = 8,
    /// <summary>UBIGINT</summary>
    UInt64 = 9,
    /// <summary>FLOAT</summary>
    Float = 10,
    /// <summary>DOUBLE</summary>
    Double = 11,
    /// <summary>TIMESTAMP: microseconds.</summary>
    Timestamp = 12,
    /// <summary>DATE: days.</summary>
    Date = 13,
    /// <summary>HUGEINT: what sums of BIGINT are.</summary>
    Int128 = 16,
    /// <summary>VARCHAR</summary>
    Text = 17,
    /// <summary>BLOB</summary>
    Blob = 18,
    /// <summary>TIMESTAMP_S</summary>
    TimestampSeconds = 20,
    /// <summary>TIMESTAMP_MS</summary>
    TimestampMilliseconds = 21,
    /// <summary>TIMESTAMP_NS</summary>
    TimestampNanoseconds = 22,
    /// <summary>LIST</summary>
    List = 24,
    /// <summary>TIMESTAMP WITH TIME ZONE: microseconds, UTC.</summary>
    TimestampZoned = 31,
}
