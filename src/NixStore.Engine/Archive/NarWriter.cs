using System.Buffers.Binary;

namespace NixStore.Engine.Archive;

/// <summary>
/// Writes the framing of an archive to a sink. The caller gives a well-formed sequence: <see cref="Begin"/>, then one node; a
/// directory's entries in strictly ascending byte order. Contents of a regular file go to the sink between
/// <see cref="BeginRegular"/> and <see cref="EndRegular"/>.
/// </summary>
public sealed class NarWriter(NarSink sink)
{
    /// <summary>The sink, for the contents of files. Its length before contents is their offset in the archive.</summary>
    public NarSink Sink { get; } = sink;

    /// <summary>The magic word.</summary>
    public void Begin() => Sink.Write(NarFormat.Magic);

    /// <summary>A directory begins.</summary>
    public void BeginDirectory() => Sink.Write(NarFormat.BeginDirectory);

    /// <summary>A directory ends.</summary>
    public void EndDirectory() => Sink.Write(NarFormat.Close);

    /// <summary>An entry begins; its node follows. The name has no NUL.</summary>
    public void BeginEntry(ReadOnlySpan<byte> name)
    {
        Sink.Write(NarFormat.BeginEntry);
        WriteString(name);
        Sink.Write(NarFormat.Node);
    }

    /// <summary>An entry ends.</summary>
    public void EndEntry() => Sink.Write(NarFormat.Close);

    /// <summary>A regular file begins; exactly <paramref name="size"/> bytes must follow.</summary>
    public void BeginRegular(bool executable, long size)
    {
        Sink.Write(executable ? NarFormat.BeginExecutable : NarFormat.BeginRegular);
        WriteLength(size);
    }

    /// <summary>Ends a regular file.</summary>
    public void EndRegular(long size)
    {
        Sink.WriteZeros(NarFormat.Padding(size));
        Sink.Write(NarFormat.Close);
    }

    /// <summary>A whole regular file.</summary>
    public void Regular(bool executable, ReadOnlySpan<byte> contents)
    {
        BeginRegular(executable, contents.Length);
        Sink.Write(contents);
        EndRegular(contents.Length);
    }

    /// <summary>A symbolic link.</summary>
    public void Symlink(ReadOnlySpan<byte> target)
    {
        Sink.Write(NarFormat.BeginSymlink);
        WriteString(target);
        Sink.Write(NarFormat.Close);
    }

    private void WriteString(ReadOnlySpan<byte> text)
    {
        WriteLength(text.Length);
        Sink.Write(text);
        Sink.WriteZeros(NarFormat.Padding(text.Length));
    }

    private void WriteLength(long length)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Sink.GetSpan(NarFormat.LengthSize), length);
        Sink.Advance(NarFormat.LengthSize);
    }
}
