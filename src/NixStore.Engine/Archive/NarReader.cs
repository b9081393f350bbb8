using System.Buffers.Binary;

namespace NixStore.Engine.Archive;

/// <summary>
/// Reads an archive from a stream, node by node, without trusting anything in it (STORE-SPEC §5; Nix libutil/archive.cc:parseDump).
/// <code>
/// while (reader.Read())
///     switch (reader.Token) { case NarToken.Regular: … reader.ReadContents() … }
/// </code>
/// Spans are valid until the next call. After an error every further call fails with the same error.
/// </summary>
public sealed class NarReader : IDisposable
{
    // One more than the longest name that any limits allow for, so that slots can be addressed by multiplication.
    private const int NameSlot = 256;

    private readonly NarInput _input;
    private readonly NarLimits _limits;
    private readonly Stream? _owned;
    private readonly bool _mayHaveTrailingData;
    private readonly byte[] _target;

    // The last name of every open directory, and its length: what the next one must follow.
    private byte[] _names = new byte[NameSlot * 16];
    private int[] _nameLengths = new int[16];
    private long _contentsLeft;
    private int _depth;
    private Exception? _failure;

    /// <summary>Prepares to read.</summary>
    /// <param name="stream">Where the archive begins.</param>
    /// <param name="limits">What is acceptable; <see cref="NarLimits.Nix"/> by default.</param>
    /// <param name="tee">Gets the bytes of the archive as they are read, for hashing. It stays the caller's.</param>
    /// <param name="embedded">The archive is part of a longer stream: no byte behind its end is read, so that the caller can go on there.
    /// Otherwise anything that follows the archive is an error.</param>
    /// <param name="leaveOpen">Do not dispose the stream.</param>
    public NarReader(Stream stream, NarLimits? limits = null, NarSink? tee = null, bool embedded = false, bool leaveOpen = false)
    {
        _limits = limits ?? NarLimits.Nix;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(_limits.MaximumNameLength, NameSlot, nameof(limits));
        _target = new byte[_limits.MaximumTargetLength];
        _input = new NarInput(stream, tee, embedded);
        _mayHaveTrailingData = embedded;
        _owned = leaveOpen ? null : stream;
    }

    /// <summary>What was read last.</summary>
    public NarToken Token { get; private set; }

    /// <summary>Directories above the current node; 0 for the root.</summary>
    public int Depth { get; private set; }

    /// <summary>Name of the current node in its directory, no NUL; empty for the root.</summary>
    public ReadOnlySpan<byte> Name => Depth == 0 ? default : _names.AsSpan((Depth - 1) * NameSlot, _nameLengths[Depth - 1]);

    /// <summary>Target of the current symbolic link.</summary>
    public ReadOnlySpan<byte> Target => _target.AsSpan(0, Token == NarToken.Symlink ? TargetLength : 0);

    /// <summary>True when the current regular file is executable.</summary>
    public bool IsExecutable { get; private set; }

    /// <summary>Size of the current regular file.</summary>
    public long Size { get; private set; }

    /// <summary>Where in the archive its contents begin.</summary>
    public long ContentsOffset { get; private set; }

    /// <summary>Bytes of the archive consumed so far; the whole length at the end.</summary>
    public long Position => _input.Position;

    private int TargetLength { get; set; }

    /// <summary>Goes to the next token, over what is left of the current file's contents; false at the end.</summary>
    /// <exception cref="NarFormatException">See there for the ids.</exception>
    public bool Read()
    {
        try
        {
            Check();
            switch (Token)
            {
                case NarToken.None:
                    Expect(NarFormat.Magic, "NarBadMagic", "it does not begin with 'nix-archive-1'");
                    ReadNode(0);
                    break;
                case NarToken.BeginDirectory:
                    ReadEntryOrEnd();
                    break;
                case NarToken.Regular:
                    while (_contentsLeft > 0)
                    {
                        TakeContents();
                    }

                    SkipPadding(Size);
                    Expect(NarFormat.Close);
                    LeaveNode();
                    break;
                case NarToken.Symlink:
                    Expect(NarFormat.Close);
                    LeaveNode();
                    break;
                case NarToken.EndDirectory:
                    LeaveNode();
                    break;
                case NarToken.End:
                    break;
            }

            return Token != NarToken.End;
        }
        catch (Exception e)
        {
            _failure ??= e;
            throw;
        }
    }

    /// <summary>The next piece of the current file's contents, straight from the buffer; empty at their end.</summary>
    /// <exception cref="NarFormatException">NarTruncated</exception>
    public ReadOnlySpan<byte> ReadContents()
    {
        try
        {
            Check();
            return Token == NarToken.Regular && _contentsLeft > 0 ? TakeContents() : default;
        }
        catch (Exception e)
        {
            _failure ??= e;
            throw;
        }
    }

    /// <summary>Copies what is left of the current file's contents.</summary>
    /// <exception cref="NarFormatException">NarTruncated</exception>
    public void CopyContentsTo(Stream target)
    {
        while (ReadContents() is { IsEmpty: false } piece)
        {
            target.Write(piece);
        }
    }

    /// <summary>Reads to the end, checking everything.</summary>
    /// <returns>The length of the archive.</returns>
    /// <exception cref="NarFormatException">See there for the ids.</exception>
    public long ReadToEnd()
    {
        while (Read())
        {
        }

        return Position;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _failure ??= new ObjectDisposedException(nameof(NarReader));
        _input.Dispose();
        _owned?.Dispose();
    }

    private void ReadNode(int depth)
    {
        if (depth >= _limits.MaximumDepth)
        {
            throw Bad("NarTooDeep", $"directories are nested deeper than {_limits.MaximumDepth}");
        }

        Depth = depth;
        Expect(NarFormat.Open);
        Expect(NarFormat.Type);
        if (Accept(NarFormat.Regular))
        {
            IsExecutable = Accept(NarFormat.Executable);
            Expect(NarFormat.Contents);
            Size = _contentsLeft = ReadLength();
            ContentsOffset = Position;
            Token = NarToken.Regular;
        }
        else if (Accept(NarFormat.Symlink))
        {
            Expect(NarFormat.Target);
            var target = ReadString(1, _limits.MaximumTargetLength, "NarInvalidTarget", "target of a symbolic link");
            target.CopyTo(_target);
            TargetLength = target.Length;
            SkipPadding(target.Length);
            Token = NarToken.Symlink;
        }
        else if (Accept(NarFormat.Directory))
        {
            if (_nameLengths.Length <= depth)
            {
                Array.Resize(ref _names, _names.Length * 2);
                Array.Resize(ref _nameLengths, _nameLengths.Length * 2);
            }

            _nameLengths[depth] = 0;
            _depth = depth + 1;
            Token = NarToken.BeginDirectory;
        }
        else
        {
            throw Bad("NarCorrupt", "a node is no regular file, symbolic link or directory");
        }
    }

    private void ReadEntryOrEnd()
    {
        if (Accept(NarFormat.Close))
        {
            _depth--;
            Depth = _depth;
            Token = NarToken.EndDirectory;
            return;
        }

        Expect(NarFormat.Entry);
        Expect(NarFormat.OpenName);
        var name = ReadString(1, _limits.MaximumNameLength, "NarInvalidName", "name");
        if (name.SequenceEqual("."u8) || name.SequenceEqual(".."u8) || name.Contains((byte)'/'))
        {
            throw Bad("NarInvalidName", $"'{Native.ByteName.ToDisplay(name)}' is no name for a file");
        }

        var slot = _names.AsSpan((_depth - 1) * NameSlot, NameSlot);
        if (slot[.._nameLengths[_depth - 1]].SequenceCompareTo(name) >= 0)
        {
            throw Bad("NarUnsorted", $"the name '{Native.ByteName.ToDisplay(name)}' does not follow the one before it in byte order");
        }

        name.CopyTo(slot);
        _nameLengths[_depth - 1] = name.Length;
        SkipPadding(name.Length);
        Expect(NarFormat.Node);
        ReadNode(_depth);
    }

    /// <summary>After the closing parenthesis of a node: closes its entry and goes on in its directory, or ends.</summary>
    private void LeaveNode()
    {
        if (_depth > 0)
        {
            Expect(NarFormat.Close);
            ReadEntryOrEnd();
            return;
        }

        _input.Tee();
        Token = NarToken.End;
        if (!_mayHaveTrailingData && _input.Ensure(1))
        {
            throw Bad("NarTrailingData", "something follows its end");
        }
    }

    private ReadOnlySpan<byte> TakeContents()
    {
        var piece = _input.Take(_contentsLeft);
        _contentsLeft -= piece.Length;
        return piece.IsEmpty ? throw Truncated() : piece;
    }

    /// <summary>A string without its padding, consumed; valid until the next read.</summary>
    private ReadOnlySpan<byte> ReadString(int shortest, int longest, string errorId, string what)
    {
        var length = ReadLength();
        if (length < shortest || length > longest)
        {
            throw Bad(errorId, $"a {what} has {length} bytes");
        }

        // Together with the padding, so that skipping that does not move the buffer.
        if (!_input.Ensure((int)length + NarFormat.Padding(length)))
        {
            throw Truncated();
        }

        var text = _input.Available[..(int)length];
        if (text.Contains((byte)0))
        {
            throw Bad(errorId, $"a {what} has a NUL in it");
        }

        _input.Consume((int)length);
        return text;
    }

    private long ReadLength()
    {
        if (!_input.Ensure(NarFormat.LengthSize))
        {
            throw Truncated();
        }

        var length = BinaryPrimitives.ReadInt64LittleEndian(_input.Available);
        if (length is < 0 or > long.MaxValue - 8)
        {
            throw Bad("NarCorrupt", "a length is impossible");
        }

        _input.Consume(NarFormat.LengthSize);
        return length;
    }

    private void SkipPadding(long length)
    {
        var padding = NarFormat.Padding(length);
        if (!_input.Ensure(padding))
        {
            throw Truncated();
        }

        if (_input.Available[..padding].ContainsAnyExcept((byte)0))
        {
            throw Bad("NarCorrupt", "padding is not zero");
        }

        _input.Consume(padding);
    }

    /// <summary>Steps over <paramref name="word"/> if it comes next. Looks at 16 bytes first: no token that can follow is shorter.</summary>
    private bool Accept(byte[] word)
    {
        var first = Math.Min(word.Length, 16);
        if (!_input.Ensure(first))
        {
            throw Truncated();
        }

        if (!_input.Available[..first].SequenceEqual(word.AsSpan(0, first)))
        {
            return false;
        }

        if (!_input.Ensure(word.Length))
        {
            throw Truncated();
        }

        if (!_input.Available[..word.Length].SequenceEqual(word))
        {
            return false;
        }

        _input.Consume(word.Length);
        return true;
    }

    private void Expect(byte[] word, string errorId = "NarCorrupt", string? reason = null)
    {
        if (!Accept(word))
        {
            throw Bad(errorId, reason ?? $"'{System.Text.Encoding.ASCII.GetString(word, 8, (int)BinaryPrimitives.ReadInt64LittleEndian(word))}' is expected");
        }
    }

    private void Check()
    {
        if (_failure is NarFormatException bad)
        {
            throw new NarFormatException(bad.ErrorId, bad.Reason, bad.Offset);
        }

        if (_failure is not null)
        {
            throw new InvalidOperationException("The archive could not be read before.", _failure);
        }
    }

    private NarFormatException Truncated() => new("NarTruncated", "it ends too early", Position + _input.Available.Length);

    private NarFormatException Bad(string errorId, string reason) => new(errorId, reason, Position);
}
