using NixStore.Engine.Rebuilding;

namespace NixStore.Engine.Tests.Rebuilding;

/// <summary>What came of a reading.</summary>
internal sealed record RebuiltStore(RebuildLab Lab, IReadOnlyList<RebuiltRow> Rows, IReadOnlyList<StoreRowOmission> Omitted)
{
    public RebuiltRow this[StorePath path] => Rows.Single(row => row.Row.Path == Lab.Full(path));

    public IReadOnlyList<string> References(StorePath path) => [.. this[path].Row.References.Order(StringComparer.Ordinal)];

    public bool Has(StorePath path) => Rows.Any(row => row.Row.Path == Lab.Full(path));

    public StoreOmissionReason Reason(StorePath path) => Omitted.Single(entry => entry.Path == Lab.Full(path)).Reason;
}
