using System.Runtime.InteropServices;

namespace NixStore.Caches.Compression;

/// <summary>The part of liblzma's API (lzma/base.h, lzma/container.h; stable since 5.0) that .xz needs.</summary>
internal static unsafe partial class LibLzma
{
    public const string Library = "liblzma";

    public const int Ok = 0;
    public const int StreamEnd = 1;
    public const int MemoryError = 5;
    public const int MemoryLimitError = 6;
    public const int FormatError = 7;
    public const int OptionsError = 8;
    public const int DataError = 9;
    public const int BufferError = 10;

    public const int Run = 0;
    public const int Finish = 3;

    /// <summary>LZMA_CHECK_CRC64, the check of the xz tool and of Nix.</summary>
    public const int Crc64 = 4;

    [LibraryImport(Library)]
    public static partial int lzma_stream_decoder(Handle stream, ulong memoryLimit, uint flags);

    [LibraryImport(Library)]
    public static partial int lzma_easy_encoder(Handle stream, uint preset, int check);

    [LibraryImport(Library)]
    public static partial int lzma_code(Handle stream, int action);

    [LibraryImport(Library)]
    private static partial void lzma_end(nint stream);

    /// <summary>One call of lzma_code from span to span.</summary>
    public static (int Result, int Consumed, int Produced) Code(Handle handle, ReadOnlySpan<byte> input, Span<byte> output, int action)
    {
        var held = false;
        try
        {
            // Somebody may dispose the stream from another thread in order to stop a download.
            handle.DangerousAddRef(ref held);
            fixed (byte* from = input, to = output)
            {
                var stream = (State*)handle.DangerousGetHandle();
                stream->NextIn = from;
                stream->AvailableIn = (nuint)input.Length;
                stream->NextOut = to;
                stream->AvailableOut = (nuint)output.Length;
                var result = lzma_code(handle, action);
                var progress = (result, input.Length - (int)stream->AvailableIn, output.Length - (int)stream->AvailableOut);
                stream->NextIn = null;
                stream->NextOut = null;
                return progress;
            }
        }
        finally
        {
            if (held)
            {
                handle.DangerousRelease();
            }
        }
    }

    public static string Describe(int result) => result switch
    {
        MemoryError => "there is not enough memory",
        FormatError => "it is not in the .xz format",
        OptionsError => "it uses options that this liblzma does not know",
        DataError => "a check sum or a structure does not match",
        _ => $"liblzma gave error {result}",
    };

    [StructLayout(LayoutKind.Sequential)]
    private struct State
    {
        public byte* NextIn;
        public nuint AvailableIn;
        public ulong TotalIn;
        public byte* NextOut;
        public nuint AvailableOut;
        public ulong TotalOut;
        public nint Allocator;
        public nint Internal;
        public nint Reserved1;
        public nint Reserved2;
        public nint Reserved3;
        public nint Reserved4;
        public ulong SeekPosition;
        public ulong Reserved5;
        public nuint Reserved6;
        public nuint Reserved7;
        public int Reserved8;
        public int Reserved9;
    }

    /// <summary>An lzma_stream in unmanaged memory, because liblzma keeps pointers into it.</summary>
    internal sealed class Handle : SafeHandle
    {
        public Handle()
            : base(0, ownsHandle: true) => SetHandle((nint)NativeMemory.AllocZeroed((nuint)sizeof(State)));

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            lzma_end(handle);
            NativeMemory.Free((void*)handle);
            return true;
        }
    }
}
