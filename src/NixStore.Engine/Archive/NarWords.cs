using System.Buffers.Binary;

namespace NixStore.Engine.Archive;

/// <summary>The words of an archive (<see cref="NarFormat"/>) as <see cref="NarReader"/> takes them from its input, checked.</summary>
internal sealed class NarWords(NarInput input)
{
    /// <summary>A string without its padding, consumed; valid until the next read.</summary>
    internal ReadOnlySpan<byte> ReadString(int shortest, int longest, string errorId, string what)
    {
        var length = ReadLength();
        if (length < shortest || length > longest)
        {
            throw Bad(errorId, $"a {what} has {length} bytes");
        }

        // Together with the padding, so that skipping that does not move the buffer.
        if (!input.Ensure((int)length + NarFormat.Padding(length)))
        {
            throw Truncated();
        }

        var text = input.Available[..(int)length];
        if (text.Contains((byte)0))
        {
            throw Bad(errorId, $"a {what} has a NUL in it");
        }

        input.Consume((int)length);
        return text;
    }

    internal long ReadLength()
    {
        if (!input.Ensure(NarFormat.LengthSize))
        {
            throw Truncated();
        }

        var length = BinaryPrimitives.ReadInt64LittleEndian(input.Available);
        if (length is < 0 or > long.MaxValue - 8)
        {
            throw Bad("NarCorrupt", "a length is impossible");
        }

        input.Consume(NarFormat.LengthSize);
        return length;
    }

    internal void SkipPadding(long length)
    {
        var padding = NarFormat.Padding(length);
        if (!input.Ensure(padding))
        {
            throw Truncated();
        }

        if (input.Available[..padding].ContainsAnyExcept((byte)0))
        {
            throw Bad("NarCorrupt", "padding is not zero");
        }

        input.Consume(padding);
    }

    /// <summary>Steps over <paramref name="word"/> if it comes next. Looks at 16 bytes first: no token that can follow is shorter.</summary>
    internal bool Accept(byte[] word)
    {
        var first = Math.Min(word.Length, 16);
        if (!input.Ensure(first))
        {
            throw Truncated();
        }

        if (!input.Available[..first].SequenceEqual(word.AsSpan(0, first)))
        {
            return false;
        }

        if (!input.Ensure(word.Length))
        {
            throw Truncated();
        }

        if (!input.Available[..word.Length].SequenceEqual(word))
        {
            return false;
        }

        input.Consume(word.Length);
        return true;
    }

    internal void Expect(byte[] word, string errorId = "NarCorrupt", string? reason = null)
    {
        if (!Accept(word))
        {
            throw Bad(errorId, reason ?? $"'{System.Text.Encoding.ASCII.GetString(word, 8, (int)BinaryPrimitives.ReadInt64LittleEndian(word))}' is expected");
        }
    }

    internal NarFormatException Truncated() => new("NarTruncated", "it ends too early", input.Position + input.Available.Length);

    internal NarFormatException Bad(string errorId, string reason) => new(errorId, reason, input.Position);
}
