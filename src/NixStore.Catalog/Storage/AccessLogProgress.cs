namespace NixStore.Catalog.Storage;

/// <summary>Which access logs are in the table <c>downloads</c>.</summary>
public sealed record AccessLogProgress
{
    /// <summary>Logs, known again by what is in them: one that was renamed or compressed anew by another tool is another one only if its bytes are.</summary>
    public IReadOnlyList<CatalogImportFile> Files { get; init; } = [];
}
