namespace NixStore.Engine.Database;

/// <summary>
/// All that the database knows of a path, as it stands there and without ids: what is needed to put a row back that was deleted.
/// </summary>
public sealed record ForgottenRow
{
    /// <summary>Column <c>path</c>.</summary>
    public required string Path { get; init; }

    /// <summary>Column <c>hash</c>.</summary>
    public string? Hash { get; init; }

    /// <summary>Column <c>registrationTime</c>, Unix seconds.</summary>
    public long RegistrationTime { get; init; }

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

    /// <summary>Full logical paths it refers to, itself included when it does.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>Of a derivation, its outputs as table DerivationOutputs has them: name to full logical path.</summary>
    public IReadOnlyDictionary<string, string> Outputs { get; init; } = new Dictionary<string, string>();
}
