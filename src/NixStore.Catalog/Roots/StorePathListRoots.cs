namespace NixStore.Catalog.Roots;

/// <summary>Lists of store paths, one a line, as channels and releases of NixOS have them (<c>store-paths.xz</c>).</summary>
public static class StorePathListRoots
{
    /// <summary>Reads one; it is taken whole or not at all.</summary>
    /// <param name="address">A path or <c>http(s)://…</c>, plain, xz, gzip, zstd or brotli.</param>
    /// <param name="directory">The store directory of the catalog.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">
    /// RootListCorrupt: a line is no store path of this store directory; RootListEmpty, RootListTooLarge, RootListNotFound, RootListUnreadable,
    /// RootAddressNotSupported; errors of the codecs and the way.
    /// </exception>
    public static RootList Read(string address, StoreDirectory directory, CancellationToken cancellation = default)
    {
        var source = RootDocument.NameOf(address);
        var paths = new List<StorePath>();
        foreach (var (number, line) in RootDocument.Read(address, cancellation))
        {
            if (line.Length > 0)
            {
                paths.Add(Parse(line, number, source, directory));
            }
        }

        return paths.Count > 0 ? new RootList(BinaryCacheRootKind.Channel, source, paths) : throw RootErrors.Empty(source);
    }

    private static StorePath Parse(string line, long number, string source, StoreDirectory directory)
    {
        if (directory.TryParse(line, out var path))
        {
            return path;
        }

        throw RootErrors.Line(source, number, line, line.StartsWith(directory.Path + "/", StringComparison.Ordinal)
            ? "it is no store path" : $"it is not in {directory}, the store directory of the catalog");
    }
}
