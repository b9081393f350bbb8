using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text;

namespace NixStore.Catalog.Feeding;

/// <summary>
/// The fields of a narinfo as Nix and Hydra write it, read without making an object. Whatever is unusual in the least is left to
/// <see cref="Caches.Narinfo.NarInfoReader"/>, which alone says what is right: this one only may say what that one would.
/// </summary>
internal ref struct NarInfoView
{
    private const int MaximumSize = 64 << 10;
    private const int MaximumSignatures = 4;
    private const int HashLength = StorePath.HashPartLength;
    private const int MaximumNameLength = StorePath.MaximumNameLength;
    private const int Sha256Digits = 52;
    private const int SignatureLength = 88;

    private static readonly SearchValues<byte> s_digits = SearchValues.Create("0123456789abcdfghijklmnpqrsvwxyz"u8);
    private static readonly SearchValues<byte> s_name = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-._?="u8);
    private static readonly SearchValues<byte> s_url = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-._=/"u8);
    private static readonly SearchValues<byte> s_word = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"u8);
    private static readonly SearchValues<byte> s_base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8);

    private Field _seen;
    private SignatureList _signatures;
    private int _signatureCount;

    [Flags]
    private enum Field
    {
        None = 0,
        StorePath = 1,
        Url = 2,
        Compression = 4,
        FileHash = 8,
        FileSize = 16,
        NarHash = 32,
        NarSize = 64,
        References = 128,
        Deriver = 256,
        System = 512,
        ContentAddress = 1024,
        Required = StorePath | Url | NarHash | NarSize,
    }

    /// <summary>What stands behind the hash part.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>The hash part.</summary>
    public ReadOnlySpan<byte> Hash { get; private set; }

    /// <summary>Relative to the cache.</summary>
    public ReadOnlySpan<byte> Url { get; private set; }

    /// <summary>As the reader has it: bzip2 when nothing is said.</summary>
    public ReadOnlySpan<byte> Compression { get; private set; }

    /// <summary>Empty = none.</summary>
    public ReadOnlySpan<byte> FileHash { get; private set; }

    /// <summary>Bytes; null = not said.</summary>
    public long? FileSize { get; private set; }

    /// <summary>In base 32.</summary>
    public ReadOnlySpan<byte> NarHash { get; private set; }

    /// <summary>Bytes.</summary>
    public long NarSize { get; private set; }

    /// <summary>Base names with a space between each two, in order.</summary>
    public ReadOnlySpan<byte> References { get; private set; }

    /// <summary>Empty = none.</summary>
    public ReadOnlySpan<byte> Deriver { get; private set; }

    /// <summary>Empty = none.</summary>
    public ReadOnlySpan<byte> System { get; private set; }

    /// <summary>Empty = none.</summary>
    public ReadOnlySpan<byte> ContentAddress { get; private set; }

    /// <summary>How many signatures there are.</summary>
    public readonly int SignatureCount => _signatureCount;

    /// <summary>Reads one.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="storePrefix">The store directory with a slash behind it.</param>
    /// <param name="view">Its fields.</param>
    /// <returns>False when it is not exactly as it usually is.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> storePrefix, out NarInfoView view)
    {
        view = default;
        if (bytes.Length is 0 or > MaximumSize || bytes[^1] != (byte)'\n' || bytes.Contains((byte)'\r') || !Ascii.IsValid(bytes))
        {
            return false;
        }

        for (var rest = bytes; !rest.IsEmpty;)
        {
            var end = rest.IndexOf((byte)'\n');
            if (!view.TryReadLine(rest[..end], storePrefix, bytes))
            {
                return false;
            }

            rest = rest[(end + 1)..];
        }

        if ((view._seen & Field.Required) != Field.Required)
        {
            return false;
        }

        if ((view._seen & Field.Compression) == 0)
        {
            view.Compression = "bzip2"u8;
        }

        return true;
    }

    /// <summary>A signature.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="index">Which.</param>
    public readonly ReadOnlySpan<byte> Signature(ReadOnlySpan<byte> bytes, int index) => bytes[_signatures[index]];

    private static bool IsStorePath(ReadOnlySpan<byte> text)
    {
        if (text.Length < HashLength + 2 || text[HashLength] != (byte)'-' || text[..HashLength].ContainsAnyExcept(s_digits))
        {
            return false;
        }

        var name = text[(HashLength + 1)..];
        return name.Length <= MaximumNameLength && name[0] != (byte)'.' && !name.ContainsAnyExcept(s_name);
    }

    // 52 digits are four bits more than a hash has.
    private static bool IsSha256(ReadOnlySpan<byte> text) => text.Length == "sha256:".Length + Sha256Digits && text.StartsWith("sha256:"u8)
        && text["sha256:".Length] is (byte)'0' or (byte)'1' && !text["sha256:".Length..].ContainsAnyExcept(s_digits);

    private static bool IsSignature(ReadOnlySpan<byte> text)
    {
        var colon = text.IndexOf((byte)':');
        var value = text[(colon + 1)..];
        return colon > 0 && value.Length == SignatureLength && value.EndsWith("=="u8) && !value[..^2].ContainsAnyExcept(s_base64)
            && value[^3] is (byte)'A' or (byte)'Q' or (byte)'g' or (byte)'w';
    }

    private static bool IsContentAddress(ReadOnlySpan<byte> text) => text.StartsWith("fixed:r:"u8) ? IsSha256(text["fixed:r:".Length..])
        : text.StartsWith("fixed:"u8) ? IsSha256(text["fixed:".Length..])
        : text.StartsWith("text:"u8) && IsSha256(text["text:".Length..]);

    private static bool IsUrl(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text.ContainsAnyExcept(s_url))
        {
            return false;
        }

        for (var rest = text; ;)
        {
            var end = rest.IndexOf((byte)'/');
            var part = end < 0 ? rest : rest[..end];
            if (part.IsEmpty || part.SequenceEqual("."u8) || part.SequenceEqual(".."u8))
            {
                return false;
            }

            if (end < 0)
            {
                return true;
            }

            rest = rest[(end + 1)..];
        }
    }

    private static bool TryParseSize(ReadOnlySpan<byte> text, out long size)
    {
        // Digits only, and fewer than could overflow.
        size = 0;
        return text.Length is > 0 and <= 18 && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9') && Utf8Parser.TryParse(text, out size, out _);
    }

    private static bool AreReferences(ReadOnlySpan<byte> text)
    {
        var last = ReadOnlySpan<byte>.Empty;
        while (!text.IsEmpty)
        {
            var end = text.IndexOf((byte)' ');
            var path = end < 0 ? text : text[..end];

            // In order, and so each once: that is how they come out of the other reader.
            if (end == text.Length - 1 || !IsStorePath(path) || last.SequenceCompareTo(path) >= 0)
            {
                return false;
            }

            last = path;
            text = end < 0 ? default : text[(end + 1)..];
        }

        return true;
    }

    private bool TryReadLine(ReadOnlySpan<byte> line, ReadOnlySpan<byte> storePrefix, ReadOnlySpan<byte> bytes)
    {
        var colon = line.IndexOf((byte)':');
        if (colon < 0)
        {
            return false;
        }

        var key = line[..colon];
        var field = FieldOf(key);
        if (field == Field.None && !key.SequenceEqual("Sig"u8))
        {
            return true;
        }

        if (line.Length < colon + 2 || line[colon + 1] != (byte)' ' || (_seen & field) != 0)
        {
            return false;
        }

        _seen |= field;
        var value = line[(colon + 2)..];
        switch (field)
        {
            case Field.StorePath:
                if (!value.StartsWith(storePrefix) || !IsStorePath(value[storePrefix.Length..]))
                {
                    return false;
                }

                Hash = value.Slice(storePrefix.Length, HashLength);
                Name = value[(storePrefix.Length + HashLength + 1)..];
                return true;
            case Field.Url:
                Url = value;
                return IsUrl(value);
            case Field.Compression:
                Compression = value;
                return !value.IsEmpty && !value.ContainsAnyExcept(s_word);
            case Field.FileHash:
                FileHash = value;
                return IsSha256(value);
            case Field.FileSize:
                var isSize = TryParseSize(value, out var fileSize);
                FileSize = fileSize;
                return isSize;
            case Field.NarHash:
                NarHash = value;
                return IsSha256(value);
            case Field.NarSize:
                var isNarSize = TryParseSize(value, out var narSize);
                NarSize = narSize;
                return isNarSize && narSize > 0;
            case Field.References:
                References = value;
                return AreReferences(value);
            case Field.Deriver:
                var isUnknown = value.SequenceEqual("unknown-deriver"u8);
                Deriver = isUnknown ? default : value;
                return isUnknown || IsStorePath(value);
            case Field.System:
                System = value;

                // Its line is looked for behind another one.
                return value.Length is > 0 and <= 64 && !Unsafe.AreSame(in line[0], in bytes[0]);
            case Field.ContentAddress:
                ContentAddress = value;
                return IsContentAddress(value);
            default:
                return TryAddSignature(value, bytes);
        }
    }

    private bool TryAddSignature(ReadOnlySpan<byte> value, ReadOnlySpan<byte> bytes)
    {
        if (_signatureCount == MaximumSignatures || !IsSignature(value))
        {
            return false;
        }

        for (var i = 0; i < _signatureCount; i++)
        {
            if (Signature(bytes, i).SequenceEqual(value))
            {
                return false;
            }
        }

        _ = bytes.Overlaps(value, out var offset);
        _signatures[_signatureCount++] = offset..(offset + value.Length);
        return true;
    }

    private static Field FieldOf(ReadOnlySpan<byte> key) => key.Length switch
    {
        2 when key.SequenceEqual("CA"u8) => Field.ContentAddress,
        3 when key.SequenceEqual("URL"u8) => Field.Url,
        6 when key.SequenceEqual("System"u8) => Field.System,
        7 when key.SequenceEqual("NarHash"u8) => Field.NarHash,
        7 when key.SequenceEqual("NarSize"u8) => Field.NarSize,
        7 when key.SequenceEqual("Deriver"u8) => Field.Deriver,
        8 when key.SequenceEqual("FileHash"u8) => Field.FileHash,
        8 when key.SequenceEqual("FileSize"u8) => Field.FileSize,
        9 when key.SequenceEqual("StorePath"u8) => Field.StorePath,
        10 when key.SequenceEqual("References"u8) => Field.References,
        11 when key.SequenceEqual("Compression"u8) => Field.Compression,
        _ => Field.None,
    };

    [InlineArray(MaximumSignatures)]
    private struct SignatureList
    {
        private Range _first;
    }
}
