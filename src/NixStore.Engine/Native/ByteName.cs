using System.Text;

namespace NixStore.Engine.Native;

/// <summary>
/// File names are bytes, not text. Inside the engine a name is a NUL-terminated byte span, as the kernel gives and takes it.
/// </summary>
public static class ByteName
{
    /// <summary>The bytes of a name with the NUL that the kernel wants. Text is UTF-8; surrogate-escaped text is not supported.</summary>
    public static byte[] From(string text)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text) + 1];
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }

    /// <summary>Adds the NUL to raw bytes.</summary>
    public static byte[] From(ReadOnlySpan<byte> bytes)
    {
        var name = new byte[bytes.Length + 1];
        bytes.CopyTo(name);
        return name;
    }

    /// <summary>The name without its terminating NUL.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> name) => name.Length > 0 && name[^1] == 0 ? name[..^1] : name;

    /// <summary>Text for people: UTF-8 where it is, other bytes and control characters as <c>\xNN</c>. A terminating NUL is left out.</summary>
    public static string ToDisplay(ReadOnlySpan<byte> name)
    {
        name = Trim(name);
        StringBuilder? text = null;
        var plain = 0;
        for (var i = 0; i < name.Length;)
        {
            var ok = Rune.DecodeFromUtf8(name[i..], out var rune, out var length) == System.Buffers.OperationStatus.Done && !Rune.IsControl(rune);
            if (!ok)
            {
                text ??= new StringBuilder();
                text.Append(Encoding.UTF8.GetString(name[plain..i]));
                foreach (var b in name.Slice(i, length))
                {
                    text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\x{b:x2}");
                }

                plain = i + length;
            }

            i += length;
        }

        return text is null ? Encoding.UTF8.GetString(name) : text.Append(Encoding.UTF8.GetString(name[plain..])).ToString();
    }
}
