namespace NixStore.Rescue.Output;

/// <summary>Says in a few words what a repair did.</summary>
internal static class RepairText
{
    /// <summary>For example <c>1 file, 106 KiB from file:///cache; row: hash</c>; empty when nothing was done.</summary>
    public static string Describe(StorePathRepair repair)
    {
        if (repair.Outcome != RepairOutcome.Repaired)
        {
            return "";
        }

        var count = $"{repair.Files.Count} {(repair.Files.Count == 1 ? "file" : "files")}";
        var files = repair.Files.Count == 0 ? ""
            : repair.Source == "metadata" ? $"metadata of {count}"
            : $"{count}, {ByteSize.Format(repair.BytesWritten)} from {repair.Source}";
        var row = repair.Columns.Count == 0 ? "" : $"row: {string.Join(", ", repair.Columns)}";
        return string.Join("; ", new[] { files, row }.Where(text => text.Length > 0));
    }
}
