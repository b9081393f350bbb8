using System.Runtime.InteropServices;

namespace NixStore.Caches.Compression;

/// <summary>The part of libzstd's stable API (zstd.h, 1.4.0 and later) that streaming needs.</summary>
internal static unsafe partial class LibZstd
{
    public const string Library = "libzstd";

    public const int CompressionLevel = 100;
    public const int ChecksumFlag = 201;
    public const int Continue = 0;
    public const int End = 2;

    /// <summary>ZSTD_error_frameParameter_windowTooLarge and ZSTD_error_memory_allocation (zstd_errors.h; the codes are frozen).</summary>
    public const int WindowTooLarge = 16;
    public const int MemoryAllocation = 64;

    [LibraryImport(Library)]
    public static partial nint ZSTD_createDCtx();

    [LibraryImport(Library)]
    public static partial nuint ZSTD_freeDCtx(nint context);

    [LibraryImport(Library)]
    public static partial nuint ZSTD_decompressStream(DecoderHandle context, Buffer* output, Buffer* input);

    [LibraryImport(Library)]
    public static partial nint ZSTD_createCCtx();

    [LibraryImport(Library)]
    public static partial nuint ZSTD_freeCCtx(nint context);

    [LibraryImport(Library)]
    public static partial nuint ZSTD_CCtx_setParameter(EncoderHandle context, int parameter, int value);

    [LibraryImport(Library)]
    public static partial nuint ZSTD_compressStream2(EncoderHandle context, Buffer* output, Buffer* input, int operation);

    [LibraryImport(Library)]
    public static partial uint ZSTD_isError(nuint code);

    [LibraryImport(Library)]
    public static partial int ZSTD_getErrorCode(nuint code);

    [LibraryImport(Library)]
    private static partial byte* ZSTD_getErrorName(nuint code);

    public static string Describe(nuint code) => Marshal.PtrToStringUTF8((nint)ZSTD_getErrorName(code)) ?? $"error {code}";

    /// <summary>ZSTD_inBuffer and ZSTD_outBuffer, which are laid out alike.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Buffer
    {
        public byte* Start;
        public nuint Size;
        public nuint Position;
    }

    /// <summary>A ZSTD_DCtx.</summary>
    internal sealed class DecoderHandle : SafeHandle
    {
        public DecoderHandle()
            : base(0, ownsHandle: true) => SetHandle(ZSTD_createDCtx());

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle() => ZSTD_freeDCtx(handle) == 0;
    }

    /// <summary>A ZSTD_CCtx.</summary>
    internal sealed class EncoderHandle : SafeHandle
    {
        public EncoderHandle()
            : base(0, ownsHandle: true) => SetHandle(ZSTD_createCCtx());

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle() => ZSTD_freeCCtx(handle) == 0;
    }
}
