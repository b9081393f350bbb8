using System.Globalization;

namespace NixStore.Bench.Catalogs;

/// <summary>What a generated catalog is like.</summary>
public sealed record GeneratorOptions
{
    /// <summary>Narinfos.</summary>
    public long Count { get; init; } = 1_000_000;

    /// <summary>The same seed gives the same catalog.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Narinfos of a mass rebuild: most references stay within one, many of them go to its first paths (the hubs).</summary>
    public long Rebuild { get; init; } = 150_000;

    /// <summary>Narinfos in a part.</summary>
    public int PartSize { get; init; } = 1_000_000;

    /// <summary>With a signature each: 65 bytes of noise.</summary>
    public bool Signatures { get; init; }

    /// <summary>With the table <c>objects</c>: each narinfo and its NAR.</summary>
    public bool Objects { get; init; }

    /// <summary>A folder for reports of S3 Inventory of the same cache, one in Parquet and one in CSV; null = none.</summary>
    public string? Inventory { get; init; }

    /// <summary>Parses <c>--count 30000000 --seed 2 --rebuild 150000 --part 1000000 --signatures --objects --inventory DIRECTORY</c>.</summary>
    public static GeneratorOptions Parse(ReadOnlySpan<string> arguments)
    {
        var options = new GeneratorOptions();
        for (var i = 0; i < arguments.Length; i++)
        {
            options = arguments[i] switch
            {
                "--count" => options with { Count = Number(arguments[++i]) },
                "--seed" => options with { Seed = (ulong)Number(arguments[++i]) },
                "--rebuild" => options with { Rebuild = Number(arguments[++i]) },
                "--part" => options with { PartSize = (int)Number(arguments[++i]) },
                "--signatures" => options with { Signatures = true },
                "--objects" => options with { Objects = true },
                "--inventory" => options with { Inventory = Path.GetFullPath(arguments[++i]) },
                var other => throw new ArgumentException($"'{other}' is not known."),
            };
        }

        return options;
    }

    private static long Number(string text) => long.Parse(text.Replace("_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
}
