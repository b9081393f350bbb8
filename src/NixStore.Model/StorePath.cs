using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace NixStore;

/// <summary>
/// The base name of a store object, <c>&lt;32 nix32 characters&gt;-&lt;name&gt;</c>, validated (STORE-SPEC §3; Nix libstore/path.cc:checkName).
/// It does not say which store directory it is in; see <see cref="StoreDirectory"/>.
/// </summary>
public sealed class StorePath : IEquatable<StorePath>, IComparable<StorePath>, IComparable
{
    /// <summary>Characters of the hash part.</summary>
    public const int HashPartLength = 32;

    /// <summary>The longest name Nix accepts.</summary>
    public const int MaximumNameLength = 211;

    private static readonly SearchValues<char> s_nameCharacters =
        SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-._?=");

    private StorePath(string baseName) => BaseName = baseName;

    /// <summary>The whole base name.</summary>
    public string BaseName { get; }

    /// <summary>The 32 characters before the dash.</summary>
    public string HashPart => BaseName[..HashPartLength];

    /// <summary>What follows the dash.</summary>
    public string Name => BaseName[(HashPartLength + 1)..];

    /// <summary>True for a derivation (<c>….drv</c>).</summary>
    public bool IsDerivation => BaseName.EndsWith(".drv", StringComparison.Ordinal);

    /// <summary>Parses a base name.</summary>
    /// <exception cref="NixStoreException">InvalidStorePath</exception>
    public static StorePath Parse(string baseName)
        => TryParse(baseName, out var path, out var reason) ? path : throw Invalid(baseName, reason);

    /// <summary>Parses a base name without raising an error.</summary>
    public static bool TryParse([NotNullWhen(true)] string? baseName, [NotNullWhen(true)] out StorePath? path)
        => TryParse(baseName, out path, out _);

    /// <summary>Parses a base name; <paramref name="reason"/> says why it is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? baseName, [NotNullWhen(true)] out StorePath? path, out string reason)
    {
        path = null;
        if (baseName is null || baseName.Length < HashPartLength + 2)
        {
            reason = "it is too short";
            return false;
        }

        if (!Nix32.IsValid(baseName.AsSpan(0, HashPartLength)) || baseName[HashPartLength] != '-')
        {
            reason = "it does not begin with 32 nix32 characters and a dash";
            return false;
        }

        if (!IsValidName(baseName.AsSpan(HashPartLength + 1), out reason))
        {
            return false;
        }

        path = new StorePath(baseName);
        return true;
    }

    /// <summary>Joins a hash part and a name.</summary>
    /// <exception cref="NixStoreException">InvalidStorePath</exception>
    public static StorePath FromParts(string hashPart, string name) => Parse($"{hashPart}-{name}");

    /// <summary>True when <paramref name="name"/> may follow the hash part.</summary>
    public static bool IsValidName(ReadOnlySpan<char> name, out string reason)
    {
        reason = "";
        if (name.Length is 0 or > MaximumNameLength)
        {
            reason = $"its name must have 1 to {MaximumNameLength} characters";
        }
        else if (name is "." or ".." || name.StartsWith(".-") || name.StartsWith("..-"))
        {
            reason = "its name must not be '.' or '..' nor begin with '.-' or '..-'";
        }
        else if (name.ContainsAnyExcept(s_nameCharacters))
        {
            reason = "its name has characters other than letters, digits and +-._?=";
        }

        return reason.Length == 0;
    }

    /// <inheritdoc/>
    public override string ToString() => BaseName;

    /// <inheritdoc/>
    public bool Equals(StorePath? other) => other is not null && BaseName == other.BaseName;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as StorePath);

    /// <inheritdoc/>
    public override int GetHashCode() => BaseName.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public int CompareTo(StorePath? other) => string.CompareOrdinal(BaseName, other?.BaseName);

    /// <inheritdoc/>
    public int CompareTo(object? obj) => CompareTo(obj as StorePath);

    private static NixStoreException Invalid(string text, string reason) => new(
        "InvalidStorePath", StoreErrorKind.InvalidArgument, $"'{text}' is not a store path: {reason}.", text,
        "A store path looks like /nix/store/<32 characters>-<name>.");
}
