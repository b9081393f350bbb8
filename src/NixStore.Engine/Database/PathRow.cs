namespace NixStore.Engine.Database;

/// <summary>
/// A row of <c>ValidPaths</c> as it stands in the database, nothing believed: text is text, and a number that is none is told apart
/// from NULL by <see cref="MalformedColumns"/> (STORE-SPEC §2).
/// </summary>
public sealed class PathRow
{
    /// <summary>Primary key.</summary>
    public required long Id { get; init; }

    /// <summary>Column <c>path</c>; the empty string for NULL.</summary>
    public required string Path { get; init; }

    /// <summary>Column <c>hash</c>.</summary>
    public string? Hash { get; init; }

    /// <summary>Column <c>registrationTime</c>, Unix seconds.</summary>
    public long? RegistrationTime { get; init; }

    /// <summary>Column <c>deriver</c>.</summary>
    public string? Deriver { get; init; }

    /// <summary>Column <c>narSize</c>, bytes.</summary>
    public long? NarSize { get; init; }

    /// <summary>Column <c>ultimate</c>.</summary>
    public long? Ultimate { get; init; }

    /// <summary>Column <c>sigs</c>.</summary>
    public string? Signatures { get; init; }

    /// <summary>Column <c>ca</c>.</summary>
    public string? ContentAddress { get; init; }

    /// <summary>Paths of the rows that table <c>Refs</c> names.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>Ids in <c>Refs</c> that no row has.</summary>
    public IReadOnlyList<long> DanglingReferences { get; init; } = [];

    /// <summary>Numeric columns that hold something else, with what they hold.</summary>
    public IReadOnlyList<(string Column, string Value)> MalformedColumns { get; init; } = [];
}
