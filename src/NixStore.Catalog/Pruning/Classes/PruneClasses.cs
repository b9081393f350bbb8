using System.Text.Json;
using System.Text.Json.Serialization;

namespace NixStore.Catalog.Pruning.Classes;

/// <summary>The classes of paths that come with the module, and those of files: JSON of the same form (Pruning/Classes/classes.json).</summary>
public static class PruneClasses
{
    private const string Resource = "Pruning/classes.json";
    private const int MaximumSize = 1 << 20;

    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>Those that come with the module, in the order in which a path is given its class.</summary>
    public static IReadOnlyList<BinaryCachePruneClass> Default { get; } = ReadDefault();

    /// <summary>Those that come with the module and those of files. A class of a file takes the place of one of the same name; new ones come first, a later file's before an earlier one's.</summary>
    /// <exception cref="NixStoreException">PruneClassesNotFound, PruneClassesInvalid</exception>
    public static IReadOnlyList<BinaryCachePruneClass> With(params IEnumerable<string> paths)
    {
        var all = Default.ToList();
        foreach (var path in paths)
        {
            var given = Read(path);
            all = [.. given.Where(added => !all.Exists(item => IsSame(item, added))), .. all.Select(item => given.FirstOrDefault(other => IsSame(item, other)) ?? item)];
        }

        return all;
    }

    /// <summary>Those of some names, which may have wildcards left to the caller; upper and lower case do not differ.</summary>
    /// <param name="all">The classes that there are.</param>
    /// <param name="names">Names.</param>
    /// <exception cref="NixStoreException">PruneClassNotFound</exception>
    public static IReadOnlyList<BinaryCachePruneClass> Named(IReadOnlyList<BinaryCachePruneClass> all, IEnumerable<string> names)
    {
        var wanted = names.ToList();
        foreach (var name in wanted.Where(name => all.All(item => !item.Name.Equals(name, StringComparison.OrdinalIgnoreCase))))
        {
            throw new NixStoreException("PruneClassNotFound", StoreErrorKind.NotFound, $"There is no class '{name}'.", name, "Get-BinaryCachePruneClass lists those that there are; -ClassPath brings others.");
        }

        return [.. all.Where(item => wanted.Contains(item.Name, StringComparer.OrdinalIgnoreCase))];
    }

    private static bool IsSame(BinaryCachePruneClass one, BinaryCachePruneClass other) => one.Name.Equals(other.Name, StringComparison.OrdinalIgnoreCase);

    private static List<BinaryCachePruneClass> Read(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new NixStoreException("PruneClassesNotFound", StoreErrorKind.NotFound, $"There is no file '{path}'.", path, "Give the path of a JSON file with classes.");
        }

        try
        {
            return file.Length <= MaximumSize ? Parse(path, File.ReadAllBytes(path)) : throw Invalid(path, "it is larger than classes can be");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new NixStoreException("PruneClassesNotFound", StoreErrorKind.ReadError, $"'{path}' cannot be read: {error.Message}", path, "Check its permissions.", error);
        }
    }

    private static List<BinaryCachePruneClass> ReadDefault()
    {
        using var stream = typeof(PruneClasses).Assembly.GetManifestResourceStream(Resource)!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return Parse(Resource, bytes.ToArray());
    }

    private static List<BinaryCachePruneClass> Parse(string path, byte[] json)
    {
        try
        {
            var items = JsonSerializer.Deserialize<Document>(json, s_options)?.Classes ?? throw Invalid(path, "it is empty");
            var classes = items.ConvertAll(item => ToClass(path, item));
            return classes.DistinctBy(item => item.Name, StringComparer.OrdinalIgnoreCase).Count() == classes.Count ? classes : throw Invalid(path, "a class is in it twice");
        }
        catch (JsonException error)
        {
            throw Invalid(path, error.Message, error);
        }
    }

    private static BinaryCachePruneClass ToClass(string path, Item item)
    {
        if (string.IsNullOrWhiteSpace(item.Name) || item.Patterns is not { Count: > 0 })
        {
            throw Invalid(path, $"the class '{item.Name}' has no name or no patterns");
        }

        // A pattern that fits all would make a class of everything; escapes have no place in names of store paths.
        foreach (var pattern in item.Patterns.Where(pattern => string.IsNullOrEmpty(pattern) || pattern.All(character => character is '*' or '?') || pattern.IndexOfAny(['`', '\\', '/']) >= 0))
        {
            throw Invalid(path, $"'{pattern}' of the class '{item.Name}' is no pattern for names");
        }

        TimeSpan? age = null;
        if (item.MinimumAge is not null && !StoreDuration.TryParse(item.MinimumAge, out age))
        {
            throw Invalid(path, $"the minimumAge '{item.MinimumAge}' of the class '{item.Name}' is no length of time, such as 365d");
        }

        return new BinaryCachePruneClass { Name = item.Name, Patterns = item.Patterns, Description = item.Description ?? "", MinimumAge = age, IsProtected = item.Protected };
    }

    private static NixStoreException Invalid(string path, string what, Exception? inner = null) => new("PruneClassesInvalid", StoreErrorKind.InvalidData,
        $"The classes of '{path}' are not valid: {what}.", path, "Mend the file; Get-Help Get-BinaryCachePruneClass shows the form.", inner);

    private sealed record Document(List<Item> Classes);

    private sealed record Item(string Name, List<string> Patterns, string? Description, string? MinimumAge, bool Protected);
}
