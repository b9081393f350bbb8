namespace NixStore.Caches.Narinfo;

/// <summary>A narinfo that cannot be parsed or says what it must not (ErrorId <c>NarInfoCorrupt</c>).</summary>
public sealed class NarInfoCorruptException : NixStoreException
{
    internal NarInfoCorruptException(string origin, string reason, int line)
        : base("NarInfoCorrupt", StoreErrorKind.InvalidData,
            line > 0 ? $"The narinfo '{origin}' is corrupt: {reason} at line {line}." : $"The narinfo '{origin}' is corrupt: {reason}.",
            origin, "Copy the path to the cache again, or remove the narinfo.")
    {
        Reason = reason;
        Line = line;
    }

    /// <summary>What is wrong.</summary>
    public string Reason { get; }

    /// <summary>The line, counted from 1; 0 when the file as a whole is meant.</summary>
    public int Line { get; }
}
