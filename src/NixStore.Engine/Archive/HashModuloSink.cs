using System.Security.Cryptography;
using System.Text;

namespace NixStore.Engine.Archive;

/// <summary>
/// Hashes an archive modulo its references to itself: every occurrence of the hash part counts as zeros
/// (Nix libstore/references.cc:HashModuloSink). This is the hash in the content address of a path that refers to itself.
/// </summary>
/// <remarks>
/// Nix up to 2.16, and again from 2.35 on, hashes the positions of the occurrences as well, each as <c>|position</c> behind the archive;
/// the versions between forgot it (NixOS/nix issue 15837). Both kinds are found in stores, so both are computed.
/// </remarks>
public sealed class HashModuloSink : NarSink
{
    private readonly NixHashAlgorithm _algorithm;
    private readonly IncrementalHash _hash;
    private readonly byte[] _pattern;
    private readonly List<long> _positions = [];

    // The last bytes of the stream, which could be the beginning of an occurrence.
    private readonly byte[] _pending;
    private int _pendingLength;
    private long _position;

    /// <summary>Makes a sink that masks <paramref name="hashPart"/>.</summary>
    /// <exception cref="NixStoreException">UnsupportedHashAlgorithm: BLAKE3 is recognised only.</exception>
    public HashModuloSink(string hashPart, NixHashAlgorithm algorithm = NixHashAlgorithm.Sha256)
    {
        ArgumentException.ThrowIfNullOrEmpty(hashPart);
        _algorithm = algorithm;
        _hash = HashSink.Create(algorithm);
        _pattern = Encoding.ASCII.GetBytes(hashPart);
        _pending = new byte[_pattern.Length * 2];
    }

    /// <summary>The number of occurrences so far.</summary>
    public int Occurrences => _positions.Count;

    /// <summary>The hashes and the number of bytes; the sink is then as new.</summary>
    public NarModuloHash Finish()
    {
        Flush();
        var size = Length;
        _hash.AppendData(_pending.AsSpan(0, _pendingLength));
        var without = new NixHash(_algorithm, _hash.GetCurrentHash());
        foreach (var position in _positions)
        {
            _hash.AppendData(Encoding.ASCII.GetBytes($"|{position}"));
        }

        var with = new NixHash(_algorithm, _hash.GetHashAndReset());
        Reset();
        return new NarModuloHash(with, without, size);
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        base.Reset();
        _hash.GetHashAndReset();
        _positions.Clear();
        _pendingLength = 0;
        _position = 0;
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

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Emit(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        _position += bytes.Length;
    }

    private void Mask()
    {
        _positions.Add(_position);
        Span<byte> zeros = stackalloc byte[_pattern.Length];
        zeros.Clear();
        Emit(zeros);
    }
}
