using System.Management.Automation;
using NixStore.Caches.BinaryCaches;
using NixStore.Engine.Verification;

namespace NixStore.PowerShell.Commands;

/// <summary>Get-BinaryCachePath: the paths of a binary cache with what their narinfos say.</summary>
[Cmdlet(VerbsCommon.Get, "BinaryCachePath", DefaultParameterSetName = PathSet)]
[OutputType(typeof(BinaryCachePath))]
public sealed class GetBinaryCachePathCommand : BinaryCacheCommand
{
    private const string PathSet = "Path";
    private const string HashPartSet = "HashPart";

    private readonly Dictionary<BinaryCache, WorkerThreads<Reader>> _readers = [];
    private OrderedResults<BinaryCachePath>? _results;
    private ProgressDisplay? _progress;
    private long _written;

    /// <summary>Which paths: full paths or base names. Default: all, of a cache that can be listed.</summary>
    [Parameter(Position = 1, ParameterSetName = PathSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string[]? Path { get; set; }

    /// <summary>Which paths, by the 32 characters of their hash part.</summary>
    [Parameter(Mandatory = true, ParameterSetName = HashPartSet)]
    [ValidatePattern("^[0-9abcdfghijklmnpqrsvwxyz]{32}$")]
    public string[]? HashPart { get; set; }

    /// <inheritdoc/>
    protected override void Begin()
    {
        _progress = NewProgress("Reading the binary cache");
        _results = new(ThrottleLimit * 4, Write, error => WriteError(error), PipelineStopToken) { Progress = _progress };
    }

    /// <inheritdoc/>
    protected override void Process()
    {
        var cache = OpenCache();
        if ((HashPart ?? Path) is { } texts)
        {
            foreach (var text in texts)
            {
                Try(() => Read(cache, BinaryCachePaths.ParseHashPart(text, cache.StoreDirectory), text));
            }

            return;
        }

        foreach (var hashPart in BinaryCachePaths.HashParts(cache, PipelineStopToken))
        {
            Read(cache, hashPart, null);
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        _results?.Finish();
        _progress?.Dispose();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            foreach (var threads in _readers.Values)
            {
                threads.Dispose();
            }
        }
    }

    private void Read(BinaryCache cache, string hashPart, string? asked)
    {
        var threads = _readers.TryGetValue(cache, out var known)
            ? known : _readers[cache] = new WorkerThreads<Reader>(ThrottleLimit, () => new Reader(cache));
        _results!.Add(threads.Run(reader => reader.Read(hashPart, asked, PipelineStopToken), PipelineStopToken));
    }

    private void Write(BinaryCachePath path)
    {
        _progress?.Report($"{++_written} paths, {path.Name}");
        WriteObject(path);
    }

    /// <summary>What a thread reads with; the cache is everybody's.</summary>
    private sealed class Reader(BinaryCache cache) : IDisposable
    {
        public BinaryCachePath Read(string hashPart, string? asked, CancellationToken stop)
            => BinaryCachePaths.Get(cache, hashPart, asked, stop);

        public void Dispose()
        {
        }
    }
}
