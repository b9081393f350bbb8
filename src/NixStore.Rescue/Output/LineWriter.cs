using System.Text;

namespace NixStore.Rescue.Output;

/// <summary>Lines of UTF-8 for standard output: written in blocks, and not held back for long when they come slowly.</summary>
internal sealed class LineWriter : IDisposable
{
    private const int BlockSize = 64 << 10;
    private const long Patience = 250;

    private readonly Stream _output = Console.OpenStandardOutput();
    private readonly byte[] _block = new byte[BlockSize];
    private int _used;
    private long _flushed = Environment.TickCount64;

    /// <summary>Adds text to the line.</summary>
    public LineWriter Append(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            var part = text[..Math.Min(text.Length, BlockSize / 4)];
            if (BlockSize - _used < Encoding.UTF8.GetMaxByteCount(part.Length))
            {
                Flush();
            }

            _used += Encoding.UTF8.GetBytes(part, _block.AsSpan(_used));
            text = text[part.Length..];
        }

        return this;
    }

    /// <summary>Adds bytes that are UTF-8 already.</summary>
    public LineWriter Append(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            if (_used == BlockSize)
            {
                Flush();
            }

            var part = text[..Math.Min(text.Length, BlockSize - _used)];
            part.CopyTo(_block.AsSpan(_used));
            _used += part.Length;
            text = text[part.Length..];
        }

        return this;
    }

    /// <summary>Ends the line.</summary>
    public void EndLine()
    {
        Append("\n"u8);
        if (Environment.TickCount64 - _flushed > Patience)
        {
            Flush();
        }
    }

    /// <summary>Writes out what is held back.</summary>
    public void Flush()
    {
        _output.Write(_block, 0, _used);
        _used = 0;
        _flushed = Environment.TickCount64;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Flush();
        _output.Dispose();
    }
}
