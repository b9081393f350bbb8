namespace NixStore.Caches.Compression;

/// <summary>Compressing or decompressing failed. The target is the file or URL whose data it was.</summary>
public sealed class CodecException : NixStoreException
{
    private CodecException(
        string errorId, StoreErrorKind kind, NarCompression compression, string target, string message, string? remedy, Exception? inner)
        : base(errorId, kind, message, target, remedy, inner) => Compression = compression;

    /// <summary>The compression.</summary>
    public NarCompression Compression { get; }

    internal static CodecException Truncated(NarCompression compression, string target) => new(
        "CompressedDataTruncated", StoreErrorKind.InvalidData, compression, target,
        $"'{target}' ends in the middle of its {compression.Name()} data.", FetchAgain, null);

    internal static CodecException Corrupt(NarCompression compression, string target, string detail, Exception? inner = null) => new(
        "CompressedDataCorrupt", StoreErrorKind.InvalidData, compression, target,
        $"The {compression.Name()} data of '{target}' is corrupt: {detail}.", FetchAgain, inner);

    internal static CodecException TrailingGarbage(NarCompression compression, string target) => new(
        "CompressedDataTrailingGarbage", StoreErrorKind.InvalidData, compression, target,
        $"Behind the end of the {compression.Name()} data of '{target}' there is something else.", FetchAgain, null);

    internal static CodecException MemoryLimit(NarCompression compression, string target) => new(
        "CodecMemoryLimit", StoreErrorKind.NotSupported, compression, target,
        $"Decompressing the {compression.Name()} data of '{target}' would take more memory than is allowed for hostile data.",
        "Compress it again with a smaller window or dictionary.", null);

    internal static CodecException Failed(NarCompression compression, string target, string detail) => new(
        "CodecFailed", StoreErrorKind.WriteError, compression, target,
        $"{compression.Name()} failed on '{target}': {detail}.", null, null);

    internal static CodecException NotAvailable(NarCompression compression, string target, string library, string package) => new(
        "CodecNotAvailable", StoreErrorKind.NotSupported, compression, target,
        $"'{target}' needs {compression.Name()}, but the library {library} is not on this machine.",
        $"Install the package that has {library} (Debian: {package}).", null);

    internal static CodecException InvalidLevel(NarCompression compression, string target, int level, int minimum, int maximum) => new(
        "InvalidCompressionLevel", StoreErrorKind.InvalidArgument, compression, target,
        minimum > maximum ? $"{compression.Name()} has no compression level." : $"{compression.Name()} has no compression level {level}.",
        minimum > maximum ? "Leave the level away." : $"Give a level from {minimum} to {maximum}.", null);

    private const string FetchAgain = "Fetch it again, or take the path from another source.";
}
