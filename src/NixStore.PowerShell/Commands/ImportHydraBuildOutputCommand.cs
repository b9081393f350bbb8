using System.Diagnostics;
using System.Management.Automation;
using NixStore.Catalog.Hydra;
using NixStore.Catalog.Storage;

namespace NixStore.PowerShell.Commands;

/// <summary>Import-HydraBuildOutput: which store paths Hydra has built, from its database or a dump of it, into a catalog.</summary>
[Cmdlet(VerbsData.Import, "HydraBuildOutput", DefaultParameterSetName = DatabaseSet, SupportsShouldProcess = true)]
[OutputType(typeof(HydraBuildOutputImport))]
public sealed class ImportHydraBuildOutputCommand : HydraCommand
{
    private const string DatabaseSet = "Database";
    private const string DumpSet = "Dump";

    private readonly List<string> _files = [];

    /// <inheritdoc/>
    [Parameter(Position = 0, ParameterSetName = DatabaseSet)]
    [ValidateNotNullOrEmpty]
    public override string? Database { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = DatabaseSet)]
    [Credential]
    public override PSCredential? Credential { get; set; }

    /// <summary>Dumps of buildstepoutputs: CSV or tab-separated text, plain, .gz or .zst, or Parquet. All of them together are the table afterwards.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DumpSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName")]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Reads everything; without it, what is in the catalog from the last time is not read again.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    /// <inheritdoc/>
    protected override void Process() => _files.AddRange(Path.Select(ToFullPath));

    /// <inheritdoc/>
    protected override void End()
    {
        if (ParameterSetName == DumpSet && _files.Count == 0)
        {
            return;
        }

        var (directory, database) = (CatalogDirectory, ParameterSetName == DatabaseSet ? FindDatabase() : null);
        if (!ShouldProcess(directory, $"Import the build outputs of '{database?.Name ?? string.Join("', '", _files)}'"))
        {
            return;
        }

        HydraImport? import = null;
        using var progress = NewProgress("Importing build outputs of Hydra");
        progress.Follow(() => ($"{import?.RowsDone ?? 0:N0} rows", import?.RowsDone ?? 0, null));
        Pump(
            (emit, stop) =>
            {
                var watch = Stopwatch.StartNew();
                HydraBuildOutputImport? result;
                using (var writer = CatalogWriter.Open(directory, new CatalogManifest()))
                {
                    import = database is null ? HydraImport.From(writer, _files, All) : HydraImport.From(writer, database, All);
                    result = import.Run(stop) is not { } done ? null : new HydraBuildOutputImport
                    {
                        Catalog = writer.Directory,
                        Source = done.Source,
                        PathCount = writer.Manifest[CatalogTable.Hydra].Rows,
                        RowCount = done.Rows,
                        SkippedCount = done.Skipped,
                        Duration = watch.Elapsed,
                    };
                }

                // Whoever gets it may write to the catalog at once.
                emit(() => Write(result));
            },
            progress);
    }

    private void Write(HydraBuildOutputImport? result)
    {
        if (result is null)
        {
            WriteVerbose("The catalog has all of it already.");
        }
        else
        {
            WriteObject(result);
        }
    }
}
