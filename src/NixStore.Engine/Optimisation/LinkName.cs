namespace NixStore.Engine.Optimisation;

/// <summary>The name that a file has in <c>.links</c>: the nix32 SHA-256 of its archive. NUL-terminated, in a buffer that is used again.</summary>
internal sealed class LinkName
{
    /// <summary>Number of digits.</summary>
    internal static readonly int Length = Nix32.EncodedLength(NixHash.DigestLength(NixHashAlgorithm.Sha256));

    // Pinned, because it is given to the kernel by address.
    private readonly byte[] _bytes = GC.AllocateArray<byte>(Length + 1, pinned: true);

    /// <summary>The name without a NUL.</summary>
    internal ReadOnlySpan<byte> Digits => _bytes.AsSpan(0, Length);

    /// <summary>For the kernel.</summary>
    internal unsafe byte* Pointer => (byte*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(_bytes, 0);

    /// <summary>Makes it the name of a hash.</summary>
    internal void Set(ReadOnlySpan<byte> digest) => Nix32.Encode(digest, _bytes.AsSpan(0, Length));

    /// <summary>True when a name in the directory (no NUL) is this one.</summary>
    internal bool IsSame(ReadOnlySpan<byte> name) => Digits.SequenceEqual(name);
}
