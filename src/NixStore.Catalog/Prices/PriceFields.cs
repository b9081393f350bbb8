using System.Text.Json;

namespace NixStore.Catalog.Prices;

/// <summary>The fields of an object of a price list; what is wrong is an error that names the field.</summary>
internal sealed class PriceFields
{
    private const decimal MaximumPrice = 1_000_000_000;
    private readonly JsonElement _json;

    internal PriceFields(string path, string name, JsonElement json, IReadOnlyList<string> known)
    {
        (Path, Name, _json) = (path, name, json);
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw PriceListFile.Invalid(path, $"{(name.Length == 0 ? "it" : name)} is no object", "about_NixStore_BinaryCaches has the form.");
        }

        if (json.EnumerateObject().Select(field => field.Name).FirstOrDefault(field => !known.Contains(field)) is { } unknown)
        {
            throw PriceListFile.Invalid(path, $"{NameOf(unknown)} is no field that there is", $"Remove it, or write what was meant: {string.Join(", ", known)}.");
        }
    }

    /// <summary>The file.</summary>
    internal string Path { get; }

    /// <summary>Where in it the object is.</summary>
    internal string Name { get; }

    /// <summary>A text that must be there.</summary>
    internal string Text(string field) => TryText(field) is { Length: > 0 } text ? text : throw PriceListFile.Invalid(Path, $"{NameOf(field)} is missing", "Write it.");

    /// <summary>A text, or null.</summary>
    internal string? TryText(string field) => !_json.TryGetProperty(field, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString() : throw PriceListFile.Invalid(Path, $"{NameOf(field)} is no text", "Write it in quotes.");

    /// <summary>A price; 0 when it is not there.</summary>
    internal decimal Price(string field) => TryPrice(field) ?? 0;

    /// <summary>A price, or null.</summary>
    internal decimal? TryPrice(string field) => !_json.TryGetProperty(field, out var value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var price) && price is >= 0 and <= MaximumPrice ? price
        : throw PriceListFile.Invalid(Path, $"{NameOf(field)} is no number from 0 to {MaximumPrice}", "Write it without quotes, such as 0.023.");

    /// <summary>A whole number; 0 when it is not there.</summary>
    internal long Number(string field, long maximum) => !_json.TryGetProperty(field, out var value) ? 0
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0 && number <= maximum ? number
        : throw PriceListFile.Invalid(Path, $"{NameOf(field)} is no whole number from 0 to {maximum}", "Write it without quotes, such as 131072.");

    /// <summary>An object that must be there.</summary>
    internal JsonElement Object(string field) => _json.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.Object ? value
        : throw PriceListFile.Invalid(Path, $"{NameOf(field)} is no object", "Write what is in it in braces.");

    /// <summary>The elements of a list that must be there and not be empty, each with its name.</summary>
    internal IEnumerable<(string Name, JsonElement Element)> Array(string field)
        => _json.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0
            ? value.EnumerateArray().Select((element, index) => ($"{NameOf(field)}[{index}]", element))
            : throw PriceListFile.Invalid(Path, $"{NameOf(field)} is no list with something in it", "Write its elements in brackets, such as [{ \"perGiBMonth\": 0.023 }].");

    private string NameOf(string field) => Name.Length == 0 ? field : $"{Name}.{field}";
}
