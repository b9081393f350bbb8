using System.Management.Automation;
using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Transfer;
using NixStore.Caches.Sources;
using NixStore.Engine.Stores;
using NixStore.Engine.Transfer;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Import-StorePath: files, NARs and paths of binary caches and other stores into a store.</summary>
[Cmdlet(VerbsData.Import, "StorePath", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(StorePathInfo))]
public sealed class ImportStorePathCommand : StoreCommand
{
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";
    private const string NarSet = "Nar";
    private const string SourceSet = "Source";

    private readonly Dictionary<string, PathImporter> _importers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (StoreLocation Store, List<StorePath> Paths)> _wanted = new(StringComparer.Ordinal);

    /// <summary>Files, directories and symbolic links of the file system, with wildcards.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Path { get; set; }

    /// <summary>Files, directories and symbolic links of the file system, every character as it stands.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string[]? LiteralPath { get; set; }

    /// <summary>A NAR file; one whose name says that it is compressed is decompressed.</summary>
    [Parameter(Mandatory = true, ParameterSetName = NarSet)]
    [ValidateNotNullOrEmpty]
    public string? NarPath { get; set; }

    /// <summary>The binary cache, store or directory to take paths from.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SourceSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(StoreCompleter))]
    public string? Source { get; set; }

    /// <summary>The paths to take from the source.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SourceSet, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public string[]? StorePath { get; set; }

    /// <summary>The name in the store, if not that of the file.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    [Parameter(ParameterSetName = NarSet)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>What the path is made of: the NAR, or of a regular file its bytes.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    [ValidateSet("Nar", "Flat")]
    public ContentAddressMethod Method { get; set; } = ContentAddressMethod.Nar;

    /// <summary>The hash that the path is made of.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    [ValidateSet("Md5", "Sha1", "Sha256", "Sha512")]
    public NixHashAlgorithm HashAlgorithm { get; set; } = NixHashAlgorithm.Sha256;

    /// <summary>What the NAR is to be registered as: path, hash, references and signatures of an object from another store.</summary>
    [Parameter(ParameterSetName = NarSet)]
    [ValidateNotNull]
    public StorePathInfo? Metadata { get; set; }

    /// <summary>Take only the paths that are named; what they need must be valid already.</summary>
    [Parameter(ParameterSetName = SourceSet)]
    public SwitchParameter NoClosure { get; set; }

    /// <summary>Keys, <c>name:base64</c>, one of which must have signed each path. Default: those of nix.conf.</summary>
    [Parameter(ParameterSetName = SourceSet)]
    [Parameter(ParameterSetName = NarSet)]
    [ValidateNotNullOrEmpty]
    public string[]? TrustedPublicKey { get; set; }

    /// <summary>Import paths that nobody signed, too.</summary>
    [Parameter(ParameterSetName = SourceSet)]
    [Parameter(ParameterSetName = NarSet)]
    public SwitchParameter SkipSignatureCheck { get; set; }

    /// <summary>How many paths of the source are imported at once. Default: one for each processor.</summary>
    [Parameter(ParameterSetName = SourceSet)]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = Environment.ProcessorCount;

    /// <inheritdoc/>
    protected override void Process()
    {
        var store = LocateStore();
        switch (ParameterSetName)
        {
            case NarSet:
                ImportNar(store, GetUnresolvedProviderPathFromPSPath(NarPath!));
                break;
            case SourceSet:
                Gather(store);
                break;
            default:
                foreach (var file in FindFiles())
                {
                    Try(() => ImportFile(store, new FileImport(file, Name, Method, HashAlgorithm)));
                }

                break;
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        foreach (var (store, paths) in _wanted.Values)
        {
            Try(() => ImportFromSource(store, paths));
        }
    }

    private IEnumerable<string> FindFiles()
    {
        foreach (var text in LiteralPath ?? [])
        {
            yield return GetUnresolvedProviderPathFromPSPath(text);
        }

        foreach (var text in Path ?? [])
        {
            // Without wildcards the file need not be found by PowerShell: a dangling link can be imported, too.
            var files = WildcardPattern.ContainsWildcardCharacters(text)
                ? GetResolvedProviderPathFromPSPath(text, out _) : [GetUnresolvedProviderPathFromPSPath(text)];
            foreach (var file in files)
            {
                yield return file;
            }
        }
    }

    private void ImportFile(StoreLocation store, FileImport file)
    {
        if (ShouldProcess(file.File, $"Import into {store}"))
        {
            Import(store, "Importing files", file.File, (importer, stop) => importer.Add(file, stop));
        }
    }

    private void ImportNar(StoreLocation store, string file)
    {
        if (!ShouldProcess(Metadata?.Path ?? file, $"Import into {store}"))
        {
            return;
        }

        if (Metadata is null)
        {
            Import(store, "Importing a NAR", file, (importer, stop) =>
            {
                using var nar = NarFile.Open(file);
                return importer.Add(nar, Name ?? NarFile.NameOf(file), stop);
            });
            return;
        }

        var info = ImportMetadata.From(Metadata, store.Directory);
        var trust = TrustParameters.ToTrust(TrustedPublicKey, SkipSignatureCheck);
        Import(store, "Importing a NAR", file, (importer, stop) => importer.Add(info, () => NarFile.Open(file), trust, file, null, stop));
    }

    private void Import(StoreLocation store, string activity, string what, Func<PathImporter, CancellationToken, ImportedPath> import)
    {
        var importer = Open(store);
        using var progress = NewProgress(activity);
        progress.Report(what);
        Pump((emit, stop) =>
        {
            var path = import(importer, stop);
            emit(() => Imported(importer, path, isRequested: true));
        }, progress);
    }

    private void Gather(StoreLocation store)
    {
        foreach (var text in StorePath!)
        {
            Try(() =>
            {
                var path = StorePathResolver.Resolve(store, text);
                if (!ShouldProcess(store.Directory.Print(path), $"Import from {Source} into {store}"))
                {
                    return;
                }

                if (!_wanted.TryGetValue(store.Url, out var wanted))
                {
                    _wanted[store.Url] = wanted = (store, []);
                }

                wanted.Paths.Add(path);
            });
        }
    }

    private void ImportFromSource(StoreLocation store, List<StorePath> paths)
    {
        var sources = Keep(new ContentSources([ToStoreText(Source!)], store.Directory, new BinaryCacheOptions(), PipelineStopToken));
        if (sources.Count == 0)
        {
            throw sources.Failures[0];
        }

        var source = sources[0];
        var trust = TrustParameters.ToTrust(TrustedPublicKey, SkipSignatureCheck || source is BinaryCacheSource { Cache.Trusted: true });
        var importer = Open(store);
        var work = new SourceImporter(importer, source, trust, ThrottleLimit);
        using var progress = NewProgress("Importing store paths");
        progress.Follow(new TransferStatus(work.Progress).Ask);
        Pump((emit, stop) => work.Import(
            paths, !NoClosure,
            path => emit(() => Imported(importer, path, paths.Contains(path.Path))),
            (path, error) => emit(() => WriteError(error, store.Directory.Print(path))),
            stop), progress);
    }

    private void Imported(PathImporter importer, ImportedPath path, bool isRequested)
    {
        WriteVerbose($"{path.Path} {(path.WasValid ? "was valid" : "imported")}");
        if (isRequested)
        {
            WriteObject(importer.Describe(path.Path));
        }
    }

    /// <summary>One for each store and the whole pipeline, so that what was imported is protected from collectors until its end.</summary>
    private PathImporter Open(StoreLocation store)
    {
        if (!_importers.TryGetValue(store.Url, out var importer))
        {
            _importers[store.Url] = importer = Keep(PathImporter.Open(store, PipelineStopToken));
        }

        return importer;
    }
}
