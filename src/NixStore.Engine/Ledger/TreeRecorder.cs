using System.IO.Hashing;
using NixStore.Engine.Archive;

namespace NixStore.Engine.Ledger;

/// <summary>
/// Records the files of a store object while its contents are hashed for its NAR hash, out of the same reading. Whether a path is intact, the
/// NAR hash says; which of its files changed is all that is wanted here, so each gets an XxHash128: it takes a small part of what SHA-256 takes, where
/// a second SHA-256 would halve the speed of every verification, and no accident makes two contents share 128 bits.
/// </summary>
internal sealed class TreeRecorder : NarObserver
{
    private readonly XxHash128 _hash = new();

    /// <summary>What was seen since it was last cleared.</summary>
    internal TreeRecord Record { get; } = new();

    /// <inheritdoc/>
    public override void OnDirectory(in NarFile file) => Record.Add(file.RelativePath, file.Status);

    /// <inheritdoc/>
    public override void OnRegular(in NarFile file) => Record.Add(file.RelativePath, file.Status);

    /// <inheritdoc/>
    public override void OnContents(ReadOnlySpan<byte> piece) => _hash.Append(piece);

    /// <inheritdoc/>
    public override void OnRegularEnd(ReadOnlySpan<byte> relativePath)
    {
        Record.SetHash(_hash.GetCurrentHashAsUInt128());
        _hash.Reset();
    }

    /// <inheritdoc/>
    public override void OnSymlink(in NarFile file, ReadOnlySpan<byte> target)
    {
        Record.Add(file.RelativePath, file.Status);
        Record.SetHash(XxHash128.HashToUInt128(target));
    }

    /// <summary>Begins with another store object.</summary>
    internal void Clear()
    {
        Record.Clear();
        _hash.Reset();
    }
}
