using NixStore.Engine.Verification;

namespace NixStore.Engine.Doctor;

/// <summary>How far the repair of a whole store is; may be read from any thread.</summary>
public sealed class DoctorProgress
{
    private volatile string _subject = "";
    private volatile VerificationProgress _counts = new();

    /// <summary>What is being done, in a few words.</summary>
    public string Subject => _subject;

    /// <summary>Counts of what is being done.</summary>
    public VerificationProgress Counts => _counts;

    /// <summary>Begins something else.</summary>
    internal VerificationProgress Begin(string subject)
    {
        (_subject, _counts) = (subject, new VerificationProgress());
        return _counts;
    }
}
