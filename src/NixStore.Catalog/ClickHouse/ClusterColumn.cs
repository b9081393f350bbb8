namespace NixStore.Catalog.ClickHouse;

/// <summary>A column of a table on the cluster.</summary>
/// <param name="Name">As the embedded engine has it.</param>
/// <param name="Type">ClickHouse's type.</param>
internal sealed record ClusterColumn(string Name, string Type)
{
    /// <summary>Bytes of a number; 0 = it is a text, or a list of texts.</summary>
    internal int Width { get; } = Type switch
    {
        "UInt8" or "Nullable(UInt8)" => 1,
        "Nullable(Int32)" => 4,
        "Nullable(Int64)" => 8,
        _ => 0,
    };

    /// <summary>True of a list of texts.</summary>
    internal bool IsList => Type.StartsWith("Array(", StringComparison.Ordinal);
}
