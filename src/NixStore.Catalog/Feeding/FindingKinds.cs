namespace NixStore.Catalog.Feeding;

/// <summary>Values of the column <c>kind</c> of the findings.</summary>
public static class FindingKinds
{
    /// <summary>A narinfo that cannot be parsed or says what it must not.</summary>
    public const string Corrupt = "NarInfoCorrupt";

    /// <summary>A narinfo that is about another path than its name says.</summary>
    public const string Mismatch = "NarInfoMismatch";

    /// <summary>A narinfo that was listed and is not there.</summary>
    public const string Missing = "NarInfoMissing";

    /// <summary>A narinfo that cannot be read.</summary>
    public const string Unreadable = "NarInfoUnreadable";
}
