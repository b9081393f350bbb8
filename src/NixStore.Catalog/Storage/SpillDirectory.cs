using System.Globalization;
using NixStore.Engine.Native;

namespace NixStore.Catalog.Storage;

/// <summary>Where sessions put what does not fit into memory: in the catalog's folder, which has room, unless it may only be read.</summary>
internal static class SpillDirectory
{
    private const string Prefix = "spill-";
    private static int s_count;

    /// <summary>A name that nobody else uses. DuckDB makes the directory when it needs it, and removes it.</summary>
    internal static string For(string catalog)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}");
        return Posix.MayWrite(catalog) ? Path.Combine(catalog, name) : TemporaryFolder.New("spill");
    }

    /// <summary>Removes what killed processes have left.</summary>
    internal static void Clean(string catalog)
    {
        foreach (var directory in Directory.EnumerateDirectories(catalog, Prefix + "*").Where(IsLeft))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>True when the process that a name names, before the last dash, is no more.</summary>
    internal static bool IsLeft(string path)
        => Path.GetFileName(path).Split('-') is [_, .., var number, _] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var process) && !Directory.Exists($"/proc/{process}");
}
