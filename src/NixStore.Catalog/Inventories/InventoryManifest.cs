using System.Globalization;
using System.Text.Json;

namespace NixStore.Catalog.Inventories;

/// <summary>How the files of an inventory are written.</summary>
public enum InventoryFormat
{
    /// <summary>Gzipped CSV without a header; keys are URL-encoded.</summary>
    Csv,
    /// <summary>Parquet.</summary>
    Parquet,
}

/// <summary>A data file of an inventory.</summary>
/// <param name="Key">Its key in the bucket that the inventory was delivered to.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Md5">MD5 in lower-case hexadecimal; null when the manifest does not say.</param>
public sealed record InventoryFile(string Key, long Size, string? Md5);

/// <summary>The <c>manifest.json</c> of a report of S3 Inventory (Amazon S3 User Guide, "Locating your inventory list").</summary>
public sealed record InventoryManifest
{
    /// <summary>Its name.</summary>
    public const string FileName = "manifest.json";

    /// <summary>Name of the file that holds the MD5 of <see cref="FileName"/>.</summary>
    public const string ChecksumName = "manifest.checksum";

    /// <summary>The bucket that was listed.</summary>
    public required string SourceBucket { get; init; }

    /// <summary>When the listing began.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>How the files are written.</summary>
    public required InventoryFormat Format { get; init; }

    /// <summary>For CSV: the columns' names in snake case, in order. Parquet files name theirs themselves.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>The files.</summary>
    public required IReadOnlyList<InventoryFile> Files { get; init; }

    /// <summary>Parses it.</summary>
    /// <exception cref="NixStoreException">InventoryManifestInvalid, InventoryFormatNotSupported</exception>
    public static InventoryManifest Parse(ReadOnlySpan<byte> bytes, string origin)
    {
        try
        {
            var reader = new Utf8JsonReader(bytes);
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            var format = Text(root, "fileFormat") ?? throw new FormatException("fileFormat is missing");
            var schema = Text(root, "fileSchema") ?? "";
            return new InventoryManifest
            {
                SourceBucket = Text(root, "sourceBucket") ?? throw new FormatException("sourceBucket is missing"),
                Created = Time(root),
                Format = format.ToUpperInvariant() switch
                {
                    "CSV" => InventoryFormat.Csv,
                    "PARQUET" => InventoryFormat.Parquet,
                    _ => throw NotSupported(format, origin),
                },
                Columns = [.. schema.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(ToSnakeCase)],
                Files = [.. FilesOf(root)],
            };
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException or ArgumentOutOfRangeException)
        {
            throw new NixStoreException("InventoryManifestInvalid", StoreErrorKind.InvalidData, $"'{origin}' is no manifest of an S3 inventory: {error.Message}.",
                origin, "Give the manifest.json of a report, beside which its manifest.checksum is.", error);
        }
    }

    /// <summary>A column as CSV's schema names it (<c>LastModifiedDate</c>), as Parquet does (<c>last_modified_date</c>).</summary>
    internal static string ToSnakeCase(string name)
    {
        var text = new System.Text.StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            // ETag is e_tag.
            if (i > 0 && char.IsAsciiLetterUpper(name[i]) && (char.IsAsciiLetterLower(name[i - 1]) || (i + 1 < name.Length && char.IsAsciiLetterLower(name[i + 1]))))
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }

    private static string? Text(JsonElement parent, string name)
        => parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static DateTimeOffset Time(JsonElement root)
    {
        // A text of milliseconds; a number would mean the same.
        var text = root.TryGetProperty("creationTimestamp", out var value) ? value.ToString() : "";
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : throw new FormatException("creationTimestamp is no number");
    }

    private static IEnumerable<InventoryFile> FilesOf(JsonElement root)
    {
        if (!root.TryGetProperty("files", out var files) || files.ValueKind != JsonValueKind.Array)
        {
            throw new FormatException("files is missing");
        }

        foreach (var file in files.EnumerateArray())
        {
            var key = Text(file, "key") ?? throw new FormatException("a file has no key");
            var size = file.TryGetProperty("size", out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : throw new FormatException($"the file '{key}' has no size");
            yield return new InventoryFile(key, size, Text(file, "MD5checksum")?.ToLowerInvariant());
        }
    }

    private static NixStoreException NotSupported(string format, string origin) => new("InventoryFormatNotSupported", StoreErrorKind.NotSupported,
        $"The inventory '{origin}' is written in {format}, which cannot be read.", origin,
        "Let the bucket's inventory configuration write Apache Parquet (or CSV) instead: the next report will be of that format.");
}
