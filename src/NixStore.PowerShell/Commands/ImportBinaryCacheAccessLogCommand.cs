using System.Diagnostics;
using System.Management.Automation;
using NixStore.Catalog.AccessLogs;
using NixStore.Catalog.Storage;

namespace NixStore.PowerShell.Commands;

/// <summary>Import-BinaryCacheAccessLog: when the paths of a binary cache were last asked for, from access logs, into a catalog.</summary>
[Cmdlet(VerbsData.Import, "BinaryCacheAccessLog", SupportsShouldProcess = true)]
[OutputType(typeof(BinaryCacheAccessLogImport))]
public sealed class ImportBinaryCacheAccessLogCommand : CatalogCommand
{
    private readonly List<string> _files = [];

    /// <summary>Logs, plain, .gz or .zst, or folders with them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName")]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <inheritdoc/>
    protected override void Process()
    {
        foreach (var path in Path.Select(ToFullPath))
        {
            _files.AddRange(Directory.Exists(path) ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories) : [path]);
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        if (_files.Count == 0 || !ShouldProcess(CatalogDirectory, $"Import {_files.Count} access logs"))
        {
            return;
        }

        var directory = CatalogDirectory;
        AccessLogImport? import = null;
        using var progress = NewProgress("Importing access logs");
        progress.Follow(() => ($"{import?.FilesDone ?? 0} of {_files.Count} files, {import?.LinesDone ?? 0:N0} lines", import?.FilesDone ?? 0, _files.Count));
        Pump(
            (emit, stop) =>
            {
                var watch = Stopwatch.StartNew();
                BinaryCacheAccessLogImport result;
                using (var writer = CatalogWriter.Open(directory, new CatalogManifest()))
                {
                    import = new AccessLogImport(writer);
                    if (writer.Manifest[CatalogTable.NarInfos].Rows == 0)
                    {
                        emit(() => WriteWarning("The catalog has no narinfos: requests for NARs cannot be told whose they are, and do not count. Update-BinaryCacheCatalog reads narinfos."));
                    }

                    var done = import.Run(_files, error => emit(() => WriteError(error)), stop);
                    result = new BinaryCacheAccessLogImport
                    {
                        Catalog = writer.Directory,
                        FileCount = done.Files,
                        KnownFileCount = done.KnownFiles,
                        LineCount = done.Lines,
                        RequestCount = done.Requests,
                        UnknownNarCount = done.UnknownNars,
                        UnreadableCount = done.Unreadable,
                        PathCount = writer.Manifest[CatalogTable.Downloads].Rows,
                        Duration = watch.Elapsed,
                    };
                }

                // Whoever gets it may write to the catalog at once.
                emit(() => WriteObject(result));
            },
            progress);
    }
}
