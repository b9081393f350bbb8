using System.Text;

namespace NixStore.Engine.Archive;

/// <summary>
/// Hashes an archive modulo its references to itself: every occurrence of the hash part counts as zeros, and after the archive follow
/// the positions of the occurrences, each as <c>|position</c> (Nix libstore/references.cc:HashModuloSink). This is the hash in the content
/// address of a path that refers to itself.
/// </summary>
public sealed class HashModuloSink : HashSink
{
    private readonly byte[] _pattern;
    private readonly List<long> _positions = [];

    // The last bytes of the stream, which could be the beginning of an occurrence.
    private readonly byte[] _pending;
    private int _pendingLength;
    private long _position;

    /// <summary>Makes a sink that masks <paramref name="hashPart"/>.</summary>
    public HashModuloSink(string hashPart, NixHashAlgorithm algorithm = NixHashAlgorithm.Sha256)
        : base(algorithm)
    {
        ArgumentException.ThrowIfNullOrEmpty(hashPart);
        _pattern = Encoding.ASCII.GetBytes(hashPart);
        _pending = new byte[_pattern.Length * 2];
    }

    /// <summary>The number of occurrences so far.</summary>
    public int Occurrences => _positions.Count;

    /// <inheritdoc/>
    public override NarHash Finish()
    {
        Flush();
        AppendToHash(_pending.AsSpan(0, _pendingLength));
        foreach (var position in _positions)
        {
            AppendToHash(Encoding.ASCII.GetBytes($"|{position}"));
        }

        Clear();
        return base.Finish();
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        base.Reset();
        Clear();
    }

    /// <inheritdoc/>
    protected override void Consume(ReadOnlySpan<byte> bytes)
    {
        // Across the border: what is pending, plus as much as completes an occurrence that begins in it.
        var kept = _pattern.Length - 1;
        if (_pendingLength > 0)
        {
            var joined = Math.Min(kept, bytes.Length);
            bytes[..joined].CopyTo(_pending.AsSpan(_pendingLength));
            var window = _pending.AsSpan(0, _pendingLength + joined);
            if (window.IndexOf(_pattern) is >= 0 and var found)
            {
                Emit(window[..found]);
                Mask();
                var after = found + _pattern.Length - _pendingLength;
                _pendingLength = 0;
                bytes = bytes[after..];
            }
            else if (bytes.Length <= kept)
            {
                // Nothing but border: keep the last bytes of it.
                var surplus = Math.Max(window.Length - kept, 0);
                Emit(window[..surplus]);
                window[surplus..].CopyTo(_pending);
                _pendingLength = window.Length - surplus;
                return;
            }
            else
            {
                Emit(_pending.AsSpan(0, _pendingLength));
                _pendingLength = 0;
            }
        }

        while (bytes.IndexOf(_pattern) is >= 0 and var next)
        {
            Emit(bytes[..next]);
            Mask();
            bytes = bytes[(next + _pattern.Length)..];
        }

        _pendingLength = Math.Min(kept, bytes.Length);
        Emit(bytes[..^_pendingLength]);
        bytes[^_pendingLength..].CopyTo(_pending);
    }

    private void Emit(ReadOnlySpan<byte> bytes)
    {
        AppendToHash(bytes);
        _position += bytes.Length;
    }

    private void Mask()
    {
        _positions.Add(_position);
        Span<byte> zeros = stackalloc byte[_pattern.Length];
        zeros.Clear();
        Emit(zeros);
    }

    private void Clear()
    {
        _positions.Clear();
        _pendingLength = 0;
        _position = 0;
    }
}
