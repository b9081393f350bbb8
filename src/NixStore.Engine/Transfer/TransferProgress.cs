using NixStore.Engine.Sources;

namespace NixStore.Engine.Transfer;

/// <summary>How far a transfer of paths is; numbers may be read from any thread.</summary>
public sealed class TransferProgress
{
    private long _paths;
    private long _bytes;
    private long _totalPaths;
    private long _totalBytes;

    /// <summary>Paths done.</summary>
    public long Paths => Interlocked.Read(ref _paths);

    /// <summary>NAR bytes done, those of paths at work included.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Paths in all, as far as is known.</summary>
    public long TotalPaths => Interlocked.Read(ref _totalPaths);

    /// <summary>NAR bytes in all, as far as is known.</summary>
    public long TotalBytes => Interlocked.Read(ref _totalBytes);

    /// <summary>A path will be worked on.</summary>
    public void Expect(SourcePath path)
    {
        Interlocked.Increment(ref _totalPaths);
        Interlocked.Add(ref _totalBytes, path.Info.NarSize);
    }

    /// <summary>Bytes of a path went by.</summary>
    public void AddBytes(long bytes) => Interlocked.Add(ref _bytes, bytes);

    /// <summary>A path is done.</summary>
    public void AddPath() => Interlocked.Increment(ref _paths);
}
