using NixStore.Engine.Native;

namespace NixStore.Engine.Optimisation;

/// <summary>The errors about single files and links.</summary>
internal static class OptimisationErrors
{
    private const string RepairPaths = "Repair-StorePath mends the paths that share it, and it along with them.";

    /// <summary>A link whose contents are not what its name says.</summary>
    /// <param name="link">Its full path.</param>
    /// <param name="others">Names that its inode has in store paths.</param>
    /// <param name="isMended">True when it was replaced or removed.</param>
    internal static NixStoreException LinkCorrupt(string link, long others, bool isMended) => new(
        "LinkCorrupt", StoreErrorKind.InvalidData,
        $"'{link}' does not hold what its name says"
        + (isMended ? "; no path shared it, and it was taken away." : others > 0 ? $"; {others} files of store paths share it. Nothing was linked to it." : "."),
        link, others > 0 ? RepairPaths : isMended ? null : "Run Optimize-NixStore -VerifyLinks to take it away.");

    /// <summary>A link that holds the right contents with the wrong metadata.</summary>
    internal static NixStoreException LinkAltered(string link, string file) => new(
        "LinkAltered", StoreErrorKind.InvalidData,
        $"'{file}' was not linked to '{link}', which has another mode, owner or time.", link,
        "Repair-StorePath gives the paths that share it their metadata back.");

    /// <summary>A file whose owner may write to it.</summary>
    internal static NixStoreException FileWritable(string file) => new(
        "FileWritable", StoreErrorKind.InvalidData, $"'{file}' is writable, which no file of a store should be; it was left alone.", file,
        "Test the path's contents, then let Repair-StorePath give it its metadata back.");

    /// <summary>Something that no store object may contain.</summary>
    internal static NixStoreException UnsupportedFileType(string file, FileType type) => new(
        "UnsupportedFileType", StoreErrorKind.InvalidData,
        $"'{file}' is a {(type == FileType.Fifo ? "named pipe" : type == FileType.Socket ? "socket" : "device")}, which no store object may contain.", file);

    /// <summary>Somebody else changes the store at this moment.</summary>
    internal static NixStoreException FileChanged(string file) => new(
        "FileChanged", StoreErrorKind.Busy, $"'{file}' became something else while it was read; it was left alone.", file,
        "A repair or a collection is at work: run the command again later.");
}
