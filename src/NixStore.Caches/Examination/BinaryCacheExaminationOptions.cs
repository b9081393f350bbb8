using NixStore.Engine.Signatures;

namespace NixStore.Caches.Examination;

/// <summary>What an examination of a cache looks at.</summary>
public sealed record BinaryCacheExaminationOptions
{
    /// <summary>Read every NAR and listing.</summary>
    public bool CheckContents { get; init; }

    /// <summary>Keys one of which must have signed each path; null when paths need no signature.</summary>
    public TrustedKeys? RequiredKeys { get; init; }

    /// <summary>Keys whose signatures must be right where there are any.</summary>
    public TrustedKeys KnownKeys { get; init; } = TrustedKeys.None;

    /// <summary>Files that are younger belong to an upload that may not be over, so nothing is wrong with them yet.</summary>
    public TimeSpan UploadTime { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Files that are asked for at once.</summary>
    public int Workers { get; init; } = 16;
}
