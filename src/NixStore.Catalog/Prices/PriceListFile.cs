using System.Globalization;
using System.Text.Json;

namespace NixStore.Catalog.Prices;

/// <summary>Reads price lists: JSON files, and the one that comes with the module.</summary>
public static class PriceListFile
{
    /// <summary>What stands for the list that comes with the module.</summary>
    public const string DefaultName = "Default";

    private const string DefaultResource = "Prices/aws-s3-us-east-1.json";
    private const int MaximumSize = 1 << 20;
    private static readonly string[] s_listFields = ["name", "date", "source", "currency", "listPer1000", "deletePer1000", "storageClasses"];
    private static readonly string[] s_classFields = ["storage", "minimumBytes", "minimumDays", "putPer1000", "getPer1000", "retrievalPerGiB", "monitoringPer1000", "monitoringMinimumBytes"];
    private static readonly string[] s_tierFields = ["upToGiB", "perGiBMonth"];

    /// <summary>The list that comes with the module.</summary>
    public static PriceList Default
    {
        get
        {
            using var stream = typeof(PriceListFile).Assembly.GetManifestResourceStream(DefaultResource)!;
            using var json = JsonDocument.Parse(stream);
            return Read(DefaultResource, json.RootElement);
        }
    }

    /// <summary>Reads a list.</summary>
    /// <exception cref="NixStoreException">PriceListNotFound; PriceListInvalid: it is no JSON, or a field is missing, wrong or none that there is.</exception>
    public static PriceList Read(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new NixStoreException("PriceListNotFound", StoreErrorKind.NotFound, $"There is no price list '{path}'.", path,
                $"Give the path of a JSON file, or {DefaultName} for the prices that come with the module.");
        }

        try
        {
            if (file.Length > MaximumSize)
            {
                throw Invalid(path, "it is larger than a list of prices can be", "Give another file.");
            }

            using var json = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return Read(path, json.RootElement);
        }
        catch (JsonException inner)
        {
            throw Invalid(path, $"it is no JSON: {inner.Message}", "Mend it; about_NixStore_BinaryCaches has the form.");
        }
        catch (Exception inner) when (inner is IOException or UnauthorizedAccessException)
        {
            throw new NixStoreException("PriceListNotFound", StoreErrorKind.ReadError, $"The price list '{path}' cannot be read: {inner.Message}", path, "Check its permissions.", inner);
        }
    }

    private static PriceList Read(string path, JsonElement json)
    {
        var list = new PriceFields(path, "", json, s_listFields);
        var classes = new Dictionary<string, StoragePrice>(StringComparer.Ordinal);
        foreach (var item in list.Object("storageClasses").EnumerateObject())
        {
            if (!classes.TryAdd(item.Name, ReadClass(new PriceFields(path, $"storageClasses.{item.Name}", item.Value, s_classFields))))
            {
                throw Invalid(path, $"storageClasses.{item.Name} is there twice", "Remove one of the two.");
            }
        }

        if (!classes.ContainsKey(PriceList.StandardClass))
        {
            throw Invalid(path, $"storageClasses.{PriceList.StandardClass} is missing", "Add it: objects without a storage class are counted as of this one.");
        }

        return new PriceList
        {
            Name = list.Text("name"),
            Date = DateOnly.TryParseExact(list.Text("date"), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date
                : throw Invalid(path, "date is no day", "Write it as 2026-01-31."),
            Source = list.TryText("source"),
            Currency = list.Text("currency") is { Length: 3 } currency && currency.All(char.IsAsciiLetterUpper) ? currency
                : throw Invalid(path, "currency is none", "Write its three letters, such as USD."),
            ListPer1000 = list.Price("listPer1000"),
            DeletePer1000 = list.Price("deletePer1000"),
            StorageClasses = classes,
        };
    }

    private static StoragePrice ReadClass(PriceFields fields) => new()
    {
        Storage = ReadTiers(fields),
        MinimumBytes = fields.Number("minimumBytes", 1L << 40),
        MinimumDays = (int)fields.Number("minimumDays", 3660),
        PutPer1000 = fields.Price("putPer1000"),
        GetPer1000 = fields.Price("getPer1000"),
        RetrievalPerGiB = fields.Price("retrievalPerGiB"),
        MonitoringPer1000 = fields.Price("monitoringPer1000"),
        MonitoringMinimumBytes = fields.Number("monitoringMinimumBytes", 1L << 40),
    };

    private static List<VolumeTier> ReadTiers(PriceFields fields)
    {
        var tiers = new List<VolumeTier>();
        foreach (var (name, item) in fields.Array("storage"))
        {
            var tier = new PriceFields(fields.Path, name, item, s_tierFields);
            if (tiers is [.., { UpToGiB: null }])
            {
                throw Invalid(fields.Path, $"{name} comes after a tier without upToGiB", "Only the last tier is without an end.");
            }

            var end = tier.TryPrice("upToGiB");
            if (end <= (tiers is [.., var before] ? before.UpToGiB : 0))
            {
                throw Invalid(fields.Path, $"{name}.upToGiB is not more than that of the tier before", "Write tiers from the least volume to the largest, each with the GiB at which it ends, counted from the first.");
            }

            tiers.Add(new VolumeTier(end, tier.TryPrice("perGiBMonth") ?? throw Invalid(fields.Path, $"{name}.perGiBMonth is missing", "Write the price of a GiB for a month.")));
        }

        return tiers is [.., { UpToGiB: null }] ? tiers
            : throw Invalid(fields.Path, $"{fields.Name}.storage has no last tier", "End it by a tier without upToGiB, for all that is beyond the others.");
    }

    internal static NixStoreException Invalid(string path, string what, string remedy)
        => new("PriceListInvalid", StoreErrorKind.InvalidData, $"The price list '{path}' is not valid: {what}.", path, remedy);
}
