using System.Buffers.Text;
using System.Runtime.InteropServices;

namespace NixStore.Engine.Optimisation;

/// <summary>
/// Names <c>.tmp-link-PID-N</c> in the store directory, as Nix's own (libutil/file-system.cc:makeTempPath): what a kill leaves under one, every
/// collector removes. NUL-terminated, in a buffer that is used again. Not thread-safe: one for each worker.
/// </summary>
internal sealed unsafe class TemporaryLinkName
{
    private static int s_counter;

    // Pinned, because it is given to the kernel by address.
    private readonly byte[] _bytes = GC.AllocateArray<byte>(48, pinned: true);
    private readonly int _prefix;
    private int _length;

    internal TemporaryLinkName()
    {
        var prefix = System.Text.Encoding.ASCII.GetBytes(FormattableString.Invariant($".tmp-link-{Environment.ProcessId}-"));
        prefix.CopyTo(_bytes, 0);
        _prefix = prefix.Length;
        Next();
    }

    /// <summary>With the NUL.</summary>
    internal ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length + 1);

    /// <summary>For the kernel.</summary>
    internal byte* Pointer => (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_bytes, 0);

    /// <summary>Goes to a name that nobody else in this process has.</summary>
    internal void Next()
    {
        Utf8Formatter.TryFormat((uint)Interlocked.Increment(ref s_counter), _bytes.AsSpan(_prefix), out var digits);
        _length = _prefix + digits;
        _bytes[_length] = 0;
    }
}
