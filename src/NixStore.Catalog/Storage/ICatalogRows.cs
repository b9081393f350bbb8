namespace NixStore.Catalog.Storage;

/// <summary>The rows of a query, whichever engine gives them; columns count from 0.</summary>
public interface ICatalogRows : IDisposable
{
    /// <summary>Goes to the next row; false at the end.</summary>
    /// <exception cref="NixStoreException">Of the engine.</exception>
    /// <exception cref="OperationCanceledException"/>
    bool Read();

    /// <summary>True when the value of this row is missing.</summary>
    bool IsNull(int column);

    /// <summary>A whole number of this row.</summary>
    long GetInt64(int column);

    /// <summary>A whole number of this row, or null.</summary>
    long? TryGetInt64(int column);

    /// <summary>A text of this row.</summary>
    string GetText(int column);

    /// <summary>A text of this row, or null.</summary>
    string? TryGetText(int column);

    /// <summary>A moment of this row; null when it is missing, or none that there can be.</summary>
    DateTimeOffset? TryGetTime(int column);

    /// <summary>A list of texts of this row; empty when it is missing.</summary>
    string[] GetTexts(int column);
}
