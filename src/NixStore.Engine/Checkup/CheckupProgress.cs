using NixStore.Engine.Examination;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Checkup;

/// <summary>How far a look at a whole store is; may be read from any thread.</summary>
public sealed class CheckupProgress
{
    private volatile string _subject = "";

    /// <summary>What is being looked at, in a few words.</summary>
    public string Subject
    {
        get => Database.Subject.Length > 0 && _subject.Length == 0 ? Database.Subject : _subject;
        internal set => _subject = value;
    }

    /// <summary>The paths that were looked at, once that has begun.</summary>
    public VerificationProgress Paths { get; } = new();

    /// <summary>The examination of the database.</summary>
    internal ExaminationProgress Database { get; } = new();
}
