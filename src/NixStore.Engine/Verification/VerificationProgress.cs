namespace NixStore.Engine.Verification;

/// <summary>How far a verification is; numbers may be read from any thread.</summary>
public sealed class VerificationProgress
{
    private long _paths;
    private long _bytes;

    /// <summary>Paths done.</summary>
    public long Paths => Interlocked.Read(ref _paths);

    /// <summary>NAR bytes of the paths done, as registered.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Paths in all; 0 until known.</summary>
    public long TotalPaths { get; internal set; }

    /// <summary>NAR bytes in all, as registered.</summary>
    public long TotalBytes { get; internal set; }

    internal void Add(long bytes)
    {
        Interlocked.Increment(ref _paths);
        Interlocked.Add(ref _bytes, bytes);
    }
}
