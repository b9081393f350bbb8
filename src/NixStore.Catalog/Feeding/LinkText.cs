using System.Text.Json;
using System.Text.RegularExpressions;

namespace NixStore.Catalog.Feeding;

/// <summary>Reads out of an object of <c>debuginfo/</c>, <c>realisations/</c> or <c>build-trace-v2/</c> what it belongs to. It may come from anybody.</summary>
internal static partial class LinkText
{
    /// <summary>The longest object that is read.</summary>
    internal const int MaximumSize = 1 << 20;

    /// <summary>The hash part of the path, or the URL of the NAR; nothing when it says none that can be.</summary>
    /// <param name="key">Its name in the cache.</param>
    /// <param name="json">What is in it.</param>
    internal static (string? HashPart, string? Url) Read(string key, ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            return key.StartsWith("debuginfo/", StringComparison.Ordinal) ? (null, TextOf(root, "archive") is { } archive ? Resolve(key, archive) : null)
                : (HashOf(TextOf(root, "outPath") ?? (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("value", out var value) ? TextOf(value, "outPath") : null)), null);
        }
        catch (JsonException)
        {
            return (null, null);
        }
    }

    private static string? TextOf(JsonElement element, string name)
        => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A base name, or a whole path.</summary>
    private static string? HashOf(string? path) => path is not null && StorePathName().Match(path) is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>An address relative to the object's folder, as one relative to the cache; null when it leads out of it.</summary>
    private static string? Resolve(string key, string address)
    {
        var parts = new List<string>(key.Split('/')[..^1]);
        foreach (var part in address.Split('/'))
        {
            if (part == ".." && parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is "" or "." or "..")
            {
                return null;
            }
            else
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }

    [GeneratedRegex(@"^(?:/[^\x00-\x1f]*/)?([0-9abcdfghijklmnpqrsvwxyz]{32})-[0-9a-zA-Z+\-._?=]+\z")]
    private static partial Regex StorePathName();
}
