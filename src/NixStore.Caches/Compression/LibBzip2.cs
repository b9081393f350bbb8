using System.Runtime.InteropServices;

namespace NixStore.Caches.Compression;

/// <summary>The low-level interface of libbz2 (bzlib.h, 1.0).</summary>
internal static unsafe partial class LibBzip2
{
    public const string Library = "libbz2";

    public const int Ok = 0;
    public const int RunOk = 1;
    public const int FinishOk = 3;
    public const int StreamEnd = 4;
    public const int MemoryError = -3;
    public const int DataError = -4;
    public const int DataErrorMagic = -5;

    public const int Run = 0;
    public const int Finish = 2;

    [LibraryImport(Library)]
    private static partial int BZ2_bzDecompressInit(nint stream, int verbosity, int small);

    [LibraryImport(Library)]
    private static partial int BZ2_bzDecompress(Handle stream);

    [LibraryImport(Library)]
    private static partial int BZ2_bzDecompressEnd(nint stream);

    [LibraryImport(Library)]
    private static partial int BZ2_bzCompressInit(nint stream, int blockSize, int verbosity, int workFactor);

    [LibraryImport(Library)]
    private static partial int BZ2_bzCompress(Handle stream, int action);

    [LibraryImport(Library)]
    private static partial int BZ2_bzCompressEnd(nint stream);

    public static string Describe(int result) => result switch
    {
        MemoryError => "there is not enough memory",
        DataErrorMagic => "it is not in the bzip2 format",
        DataError => "a check sum or a structure does not match",
        _ => $"libbz2 gave error {result}",
    };

    [StructLayout(LayoutKind.Sequential)]
    private struct State
    {
        public byte* NextIn;
        public uint AvailableIn;
        public uint TotalInLow;
        public uint TotalInHigh;
        public byte* NextOut;
        public uint AvailableOut;
        public uint TotalOutLow;
        public uint TotalOutHigh;
        public nint Internal;
        public nint Allocate;
        public nint Free;
        public nint Opaque;
    }

    /// <summary>A bz_stream in unmanaged memory, because libbz2 checks that it does not move.</summary>
    internal sealed class Handle : SafeHandle
    {
        private readonly bool _compresses;

        /// <param name="blockSize">Hundreds of thousands of bytes to compress by; null to decompress.</param>
        /// <param name="result">Ok, or the error; then the handle must only be disposed.</param>
        public Handle(int? blockSize, out int result)
            : base(0, ownsHandle: true)
        {
            _compresses = blockSize is not null;
            SetHandle((nint)NativeMemory.AllocZeroed((nuint)sizeof(State)));
            result = blockSize is { } size ? BZ2_bzCompressInit(handle, size, 0, 0) : BZ2_bzDecompressInit(handle, 0, 0);
        }

        public override bool IsInvalid => handle == 0;

        /// <summary>One call from span to span.</summary>
        public (int Result, int Consumed, int Produced) Code(ReadOnlySpan<byte> input, Span<byte> output, int action)
        {
            var held = false;
            try
            {
                // Somebody may dispose the stream from another thread in order to stop a download.
                DangerousAddRef(ref held);
                fixed (byte* from = input, to = output)
                {
                    var stream = (State*)handle;
                    stream->NextIn = from;
                    stream->AvailableIn = (uint)input.Length;
                    stream->NextOut = to;
                    stream->AvailableOut = (uint)output.Length;
                    var result = _compresses ? BZ2_bzCompress(this, action) : BZ2_bzDecompress(this);
                    return (result, input.Length - (int)stream->AvailableIn, output.Length - (int)stream->AvailableOut);
                }
            }
            finally
            {
                if (held)
                {
                    DangerousRelease();
                }
            }
        }

        protected override bool ReleaseHandle()
        {
            _ = _compresses ? BZ2_bzCompressEnd(handle) : BZ2_bzDecompressEnd(handle);
            NativeMemory.Free((void*)handle);
            return true;
        }
    }
}
