namespace NixStore;

/// <summary>A .drv file that cannot be read; <c>ErrorId</c> is InvalidDerivation, or UnsupportedDerivation for a newer format.</summary>
public sealed class DerivationFormatException : NixStoreException
{
    internal DerivationFormatException(string errorId, StoreErrorKind kind, string name, string reason, int offset)
        : base(errorId, kind, $"The derivation '{name}' cannot be read: {reason} (at byte {offset}).", name) => Offset = offset;

    /// <summary>Where in the file.</summary>
    public int Offset { get; }
}
