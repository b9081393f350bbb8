namespace NixStore.Catalog.ClickHouse;

/// <summary>What the values of a column are.</summary>
internal enum NativeKind
{
    Text,
    Int8,
    UInt8,
    Int16,
    UInt16,
    Int32,
    UInt32,
    Int64,
    UInt64,
}
