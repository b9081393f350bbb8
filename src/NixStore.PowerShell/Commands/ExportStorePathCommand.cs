using System.Management.Automation;
using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Compression;
using NixStore.Caches.Transfer;
using NixStore.Engine.Signatures;
using NixStore.Engine.Sources;
using NixStore.Engine.Stores;
using NixStore.Engine.Transfer;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Export-StorePath: paths as NAR files or into a binary cache, never with damaged contents.</summary>
[Cmdlet(VerbsData.Export, "StorePath", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(StorePathExport))]
public sealed class ExportStorePathCommand : StorePathBatchCommand
{
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);
    private string? _destination;
    private List<NixSecretKey> _keys = [];

    /// <summary>The NAR file to make, or a directory that exists, for a file <c>&lt;base name&gt;.nar</c> for each path.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Destination { get; set; }

    /// <summary>The binary cache to add to, a <c>file://</c> or <c>s3://</c> address or a directory; it is made when it does not exist, a bucket excepted.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SourceCompleter))]
    public string? BinaryCache { get; set; }

    /// <summary>How NARs in the cache are compressed. Default: as its address says, otherwise xz.</summary>
    [Parameter]
    [ValidateSet("none", "xz", "zstd", "bzip2", "gzip", "br")]
    public string? Compression { get; set; }

    /// <summary>How hard to compress: xz and gzip 0–9, zstd 1–19, bzip2 1–9, br 0–11.</summary>
    [Parameter]
    [ValidateRange(0, 19)]
    public int? CompressionLevel { get; set; }

    /// <summary>Files with secret keys that sign the paths in the cache, besides the signatures that they have.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? SecretKeyPath { get; set; }

    /// <summary>Also all that the paths need. A cache must have that, from now or before.</summary>
    [Parameter]
    public SwitchParameter WithClosure { get; set; }

    /// <summary>Write NAR files also of contents that are not the registered ones, to look at damage elsewhere.</summary>
    [Parameter]
    public SwitchParameter SkipContentsCheck { get; set; }

    /// <summary>Replace NAR files that exist.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override string Action => $"Export to {_destination}";

    /// <inheritdoc/>
    protected override void Begin()
    {
        if (BinaryCache is null == Destination is null)
        {
            throw Conflict("Exactly one of -Destination and -BinaryCache must be given.");
        }

        if (Destination is not null && (Compression ?? (object?)CompressionLevel ?? SecretKeyPath) is not null)
        {
            throw Conflict("-Compression, -CompressionLevel and -SecretKeyPath are for -BinaryCache: a NAR file is neither compressed nor signed.");
        }

        if (BinaryCache is not null && SkipContentsCheck)
        {
            throw Conflict("-SkipContentsCheck is for -Destination: a binary cache never gets damaged contents.");
        }

        _destination = Destination is null ? ToCacheUrl(BinaryCache!) : GetUnresolvedProviderPathFromPSPath(Destination);
        _keys = [.. (SecretKeyPath ?? []).Select(file => Keep(NixSecretKey.Load(GetUnresolvedProviderPathFromPSPath(file))))];
    }

    /// <inheritdoc/>
    protected override void Work(StoreLocation store, IReadOnlyCollection<StorePath> paths)
    {
        var source = Keep(LocalStoreSource.Open(store));
        if (BinaryCache is not null)
        {
            ExportToCache(source, paths);
        }
        else
        {
            ExportToFiles(source, paths);
        }
    }

    private static NixStoreException Conflict(string message) => new("ParameterConflict", StoreErrorKind.InvalidArgument, message);

    private void ExportToCache(LocalStoreSource source, IReadOnlyCollection<StorePath> paths)
    {
        var store = source.Store;
        var cache = Keep(BinaryCacheFactory.Open(
            _destination!, new BinaryCacheOptions { StoreDirectory = store.Directory, Create = true }, PipelineStopToken));
        var options = new BinaryCacheAddOptions
        {
            Compression = Compression is null ? null : NarCompressionNames.Parse(Compression, _destination!),
            CompressionLevel = CompressionLevel,
            SecretKeys = _keys,
        };
        var work = new BinaryCacheExporter(source, cache, options, ThrottleLimit);
        Transfer("Exporting store paths", work.Progress, (emit, stop) => work.Export(
            paths, WithClosure,
            path => emit(() => Exported(Describe(store, cache, path))),
            (path, error) => emit(() => WriteError(error, store.Directory.Print(path))),
            stop));
    }

    private void ExportToFiles(LocalStoreSource source, IReadOnlyCollection<StorePath> paths)
    {
        var store = source.Store;
        var toDirectory = Directory.Exists(_destination);
        var exporter = new NarExporter(source, SkipContentsCheck);
        Transfer("Exporting store paths", exporter.Progress, (emit, stop) => exporter.Export(
            paths, WithClosure, ThrottleLimit,
            path => FileOf(path, toDirectory), Force,
            (path, file, nar) => emit(() => Exported(Describe(store, path, file, nar))),
            (path, error) => emit(() => WriteError(error, store.Directory.Print(path))),
            stop));
    }

    /// <summary>Each path gets a file of its own, whatever -Force says.</summary>
    private string FileOf(StorePath path, bool toDirectory)
    {
        var file = toDirectory ? System.IO.Path.Combine(_destination!, $"{path.BaseName}.nar") : _destination!;
        lock (_written)
        {
            return _written.Add(file) ? file : throw new NixStoreException("DestinationNotDirectory", StoreErrorKind.InvalidArgument,
                $"'{path}' cannot be exported to '{file}', too: a NAR file holds one path.", file, "Give a directory that exists.");
        }
    }

    private void Exported(StorePathExport path)
    {
        WriteVerbose($"{path} {(path.WasThere ? "was in" : "exported to")} {path.Destination}");
        if (PassThru)
        {
            WriteObject(path);
        }
    }

    private static StorePathExport Describe(StoreLocation store, BinaryCache cache, ExportedPath path) => new()
    {
        Store = store.Url,
        Path = store.Directory.Print(path.NarInfo.Path),
        Destination = cache.Address,
        File = path.NarInfo.Url,
        NarHash = path.NarInfo.Info.NarHash,
        NarSize = path.NarInfo.Info.NarSize,
        FileSize = path.NarInfo.FileSize,
        Compression = path.NarInfo.Compression,
        Signatures = path.NarInfo.Info.Signatures,
        WasThere = path.WasThere,
    };

    private static StorePathExport Describe(StoreLocation store, StorePath path, string file, Engine.Archive.NarHash nar) => new()
    {
        Store = store.Url,
        Path = store.Directory.Print(path),
        Destination = file,
        File = file,
        NarHash = nar.Hash,
        NarSize = nar.Size,
        FileSize = nar.Size,
        Compression = NarCompression.None.Name(),
    };
}
