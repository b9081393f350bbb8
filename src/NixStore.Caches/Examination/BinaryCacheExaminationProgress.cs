namespace NixStore.Caches.Examination;

/// <summary>How far an examination is; numbers may be read from any thread.</summary>
public sealed class BinaryCacheExaminationProgress
{
    private long _files;
    private long _paths;
    private long _totalPaths;
    private long _bytes;

    /// <summary>Files listed.</summary>
    public long Files => Interlocked.Read(ref _files);

    /// <summary>Paths done.</summary>
    public long Paths => Interlocked.Read(ref _paths);

    /// <summary>Paths in all, as far as they are known.</summary>
    public long TotalPaths => Interlocked.Read(ref _totalPaths);

    /// <summary>Bytes of NARs read.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    internal void AddFile() => Interlocked.Increment(ref _files);

    internal void Expect(long paths) => Interlocked.Add(ref _totalPaths, paths);

    internal void AddPath() => Interlocked.Increment(ref _paths);

    internal void AddBytes(long bytes) => Interlocked.Add(ref _bytes, bytes);
}
