using NixStore.Engine.Stores;

namespace NixStore.Interop.Tests.Collection;

/// <summary>All that two stores have in common when they are the same to Nix: names in the directory and in .links, and rows without their ids.</summary>
internal static class StoreState
{
    private const string Rows = """
        select 'V', path, hash, registrationTime, deriver, narSize, ultimate, sigs, ca from ValidPaths
        union all select 'R', a.path, b.path, '', '', '', '', '', '' from Refs r left join ValidPaths a on a.id = r.referrer left join ValidPaths b on b.id = r.reference
        union all select 'D', a.path, d.id, d.path, '', '', '', '', '' from DerivationOutputs d left join ValidPaths a on a.id = d.drv order by 1, 2, 3
        """;

    /// <summary>Reads it as lines of text.</summary>
    internal static IReadOnlyList<string> Read(StoreLocation store)
    {
        var rows = Command.Run("sqlite3", store.DatabasePath, Rows).Split('\n');
        return [.. Names(store.RealDirectory), .. Names(store.LinksDirectory), .. rows];
    }

    private static IEnumerable<string> Names(string directory) => !Directory.Exists(directory) ? []
        : Directory.EnumerateFileSystemEntries(directory).Select(Path.GetFileName).Order(StringComparer.Ordinal).Select(name => $"{Path.GetFileName(directory)}/{name}");
}
