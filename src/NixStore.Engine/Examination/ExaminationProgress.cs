using NixStore.Engine.Verification;

namespace NixStore.Engine.Examination;

/// <summary>How far an examination is; may be read from any thread.</summary>
public sealed class ExaminationProgress
{
    private volatile string _subject = "";

    /// <summary>What is being checked, in a few words.</summary>
    public string Subject
    {
        get => _subject;
        internal set => _subject = value;
    }

    /// <summary>The paths whose contents were read, once that has begun.</summary>
    public VerificationProgress Contents { get; } = new();
}
