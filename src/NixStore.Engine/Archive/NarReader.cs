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
    private readonly NarWords _words;
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
        _words = new NarWords(_input);
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
                    _words.Expect(NarFormat.Magic, "NarBadMagic", "it does not begin with 'nix-archive-1'");
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

                    _words.SkipPadding(Size);
                    _words.Expect(NarFormat.Close);
                    LeaveNode();
                    break;
                case NarToken.Symlink:
                    _words.Expect(NarFormat.Close);
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
            throw _words.Bad("NarTooDeep", $"directories are nested deeper than {_limits.MaximumDepth}");
        }

        Depth = depth;
        _words.Expect(NarFormat.Open);
        _words.Expect(NarFormat.Type);
        if (_words.Accept(NarFormat.Regular))
        {
            IsExecutable = _words.Accept(NarFormat.Executable);
            _words.Expect(NarFormat.Contents);
            Size = _contentsLeft = _words.ReadLength();
            ContentsOffset = Position;
            Token = NarToken.Regular;
        }
        else if (_words.Accept(NarFormat.Symlink))
        {
            _words.Expect(NarFormat.Target);
            var target = _words.ReadString(1, _limits.MaximumTargetLength, "NarInvalidTarget", "target of a symbolic link");
            target.CopyTo(_target);
            TargetLength = target.Length;
            _words.SkipPadding(target.Length);
            Token = NarToken.Symlink;
        }
        else if (_words.Accept(NarFormat.Directory))
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
            throw _words.Bad("NarCorrupt", "a node is no regular file, symbolic link or directory");
        }
    }

    private void ReadEntryOrEnd()
    {
        if (_words.Accept(NarFormat.Close))
        {
            _depth--;
            Depth = _depth;
            Token = NarToken.EndDirectory;
            return;
        }

        _words.Expect(NarFormat.Entry);
        _words.Expect(NarFormat.OpenName);
        var name = _words.ReadString(1, _limits.MaximumNameLength, "NarInvalidName", "name");
        if (name.SequenceEqual("."u8) || name.SequenceEqual(".."u8) || name.Contains((byte)'/'))
        {
            throw _words.Bad("NarInvalidName", $"'{Native.ByteName.ToDisplay(name)}' is no name for a file");
        }

        var slot = _names.AsSpan((_depth - 1) * NameSlot, NameSlot);
        if (slot[.._nameLengths[_depth - 1]].SequenceCompareTo(name) >= 0)
        {
            throw _words.Bad("NarUnsorted", $"the name '{Native.ByteName.ToDisplay(name)}' does not follow the one before it in byte order");
        }

        name.CopyTo(slot);
        _nameLengths[_depth - 1] = name.Length;
        _words.SkipPadding(name.Length);
        _words.Expect(NarFormat.Node);
        ReadNode(_depth);
    }

    /// <summary>After the closing parenthesis of a node: closes its entry and goes on in its directory, or ends.</summary>
    private void LeaveNode()
    {
        if (_depth > 0)
        {
            _words.Expect(NarFormat.Close);
            ReadEntryOrEnd();
            return;
        }

        _input.Tee();
        Token = NarToken.End;
        if (!_mayHaveTrailingData && _input.Ensure(1))
        {
            throw _words.Bad("NarTrailingData", "something follows its end");
        }
    }

    private ReadOnlySpan<byte> TakeContents()
    {
        var piece = _input.Take(_contentsLeft);
        _contentsLeft -= piece.Length;
        return piece.IsEmpty ? throw _words.Truncated() : piece;
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
}
