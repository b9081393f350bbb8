using System.Globalization;
using System.Text;

namespace NixStore.Caches.BinaryCaches;

/// <summary>The file <c>nix-cache-info</c> at the root of a cache (STORE-SPEC §8).</summary>
/// <param name="StoreDirectory">The store directory that all its paths are in; null when the file does not say.</param>
/// <param name="Priority">Lower is asked first; null when the file does not say.</param>
/// <param name="WantMassQuery">It does not mind being asked for many paths.</param>
public sealed record NixCacheInfo(StoreDirectory? StoreDirectory, int? Priority, bool WantMassQuery)
{
    /// <summary>Its name in the cache.</summary>
    public const string FileName = "nix-cache-info";

    /// <summary>What Nix takes for the priority of a cache that gives none.</summary>
    public const int DefaultPriority = 50;

    internal const int MaximumFileSize = 64 << 10;

    /// <summary>Parses the file; lines that say nothing are skipped, as Nix does.</summary>
    /// <exception cref="NixStoreException">BinaryCacheInfoCorrupt</exception>
    public static NixCacheInfo Parse(ReadOnlySpan<byte> bytes, string url)
    {
        var info = new NixCacheInfo(null, null, false);
        foreach (var line in Encoding.UTF8.GetString(bytes).Split('\n'))
        {
            var colon = line.IndexOf(':');
            if (colon < 0)
            {
                continue;
            }

            var value = line[(colon + 1)..].Trim();
            info = line[..colon] switch
            {
                "StoreDir" => info with { StoreDirectory = ParseDirectory(value, url) },
                "WantMassQuery" => info with { WantMassQuery = value == "1" },
                "Priority" => info with { Priority = int.TryParse(value, CultureInfo.InvariantCulture, out var priority) ? priority : null },
                _ => info,
            };
        }

        return info;
    }

    /// <summary>What Nix writes into a new cache.</summary>
    public static byte[] ForNewCache(StoreDirectory directory) => Encoding.UTF8.GetBytes($"StoreDir: {directory}\n");

    private static StoreDirectory ParseDirectory(string value, string url)
    {
        try
        {
            return new StoreDirectory(value);
        }
        catch (NixStoreException e)
        {
            throw new NixStoreException("BinaryCacheInfoCorrupt", StoreErrorKind.InvalidData,
                $"The {FileName} of '{url}' names no store directory: '{value}'.", url, "Mend the line StoreDir.", e);
        }
    }
}
