namespace NixStore.Caches.BinaryCaches;

/// <summary>Lists the files below a directory in the order in which a bucket would.</summary>
internal static class FileListing
{
    /// <exception cref="NixStoreException">BinaryCacheReadFailed</exception>
    public static IEnumerable<BinaryCacheFile> Of(string directory, string prefix, string? after, CancellationToken cancellation)
    {
        // By directories that are open, not by recursion, and never through links to other directories.
        var open = new Stack<IEnumerator<FileSystemInfo>>();
        open.Push(Entries(directory));
        while (open.TryPeek(out var entries))
        {
            cancellation.ThrowIfCancellationRequested();
            if (!entries.MoveNext())
            {
                open.Pop();
                continue;
            }

            var entry = entries.Current;
            var name = Path.GetRelativePath(directory, entry.FullName);
            if (entry is DirectoryInfo)
            {
                if (entry.LinkTarget is null && MayHold(name + "/", prefix, after))
                {
                    open.Push(Entries(entry.FullName));
                }
            }
            else if (name.StartsWith(prefix, StringComparison.Ordinal) && IsAfter(name, after) && entry is FileInfo { Exists: true } file)
            {
                yield return new BinaryCacheFile(name, file.Length, new DateTimeOffset(file.LastWriteTimeUtc));
            }
        }
    }

    private static bool IsAfter(string name, string? after) => after is null || string.CompareOrdinal(name, after) > 0;

    private static bool MayHold(string folder, string prefix, string? after)
        => (folder.StartsWith(prefix, StringComparison.Ordinal) || prefix.StartsWith(folder, StringComparison.Ordinal))
            && (IsAfter(folder, after) || after!.StartsWith(folder, StringComparison.Ordinal));

    // A directory's files sort by its name and the slash behind it.
    private static IEnumerator<FileSystemInfo> Entries(string directory)
    {
        try
        {
            return new DirectoryInfo(directory).EnumerateFileSystemInfos()
                .OrderBy(entry => entry is DirectoryInfo ? entry.Name + "/" : entry.Name, StringComparer.Ordinal).ToList().GetEnumerator();
        }
        catch (DirectoryNotFoundException)
        {
            return Enumerable.Empty<FileSystemInfo>().GetEnumerator();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NixStoreException("BinaryCacheReadFailed", e is UnauthorizedAccessException ? StoreErrorKind.PermissionDenied : StoreErrorKind.ReadError,
                $"'{directory}' cannot be listed: {e.Message}", directory, null, e);
        }
    }
}
