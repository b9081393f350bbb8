using System.Management.Automation;
using NixStore.Caches.BinaryCaches;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>The base of cmdlets that look at a binary cache.</summary>
public abstract class BinaryCacheCommand : ModuleCommand
{
    private readonly Dictionary<string, BinaryCache> _open = new(StringComparer.Ordinal);
    private readonly KeptOpen _kept = new();

    /// <summary>The cache: a <c>file://</c>, <c>http(s)://</c> or <c>s3://</c> address with Nix's settings, or a directory.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SourceCompleter))]
    public string? BinaryCache { get; set; }

    /// <summary>How many files are asked for at once.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = 16;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            _kept.Dispose();
        }
    }

    /// <summary>The cache of this record, opened once for the pipeline.</summary>
    /// <exception cref="NixStoreException">As <see cref="BinaryCacheFactory.Open(string, BinaryCacheOptions?, CancellationToken)"/>.</exception>
    private protected BinaryCache OpenCache()
    {
        var url = ToCacheUrl(BinaryCache!);
        if (!_open.TryGetValue(url, out var cache))
        {
            var options = new BinaryCacheOptions { MaximumConnections = Math.Max(ThrottleLimit, new BinaryCacheOptions().MaximumConnections) };
            _open[url] = cache = _kept.Add(BinaryCacheFactory.Open(url, options, PipelineStopToken));
        }

        return cache;
    }

    /// <summary>Runs work that uses the cache on another thread.</summary>
    private protected void PumpCache<T>(Action<Action<T>, CancellationToken> work, Action<T> consume, ProgressDisplay progress) => Pump<T>(
        (emit, stop) =>
        {
            using (_kept.Use())
            {
                work(emit, stop);
            }
        },
        consume, progress);
}
