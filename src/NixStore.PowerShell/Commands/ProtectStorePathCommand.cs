using System.Management.Automation;
using NixStore.Engine.Database;
using NixStore.Engine.Roots;

namespace NixStore.PowerShell.Commands;

/// <summary>Protect-StorePath: keeps paths from collectors for as long as this session needs them.</summary>
[Cmdlet(VerbsSecurity.Protect, "StorePath", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(StorePathProtection))]
public sealed class ProtectStorePathCommand : StorePathCommand
{
    private readonly Dictionary<StoreDatabase, PathProtection> _protections = [];

    /// <summary>Protect the paths while this runs, then no longer. It gets the paths as arguments.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNull]
    public ScriptBlock? ScriptBlock { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        // At once, not at the end: what hands the paths over may let go of them meanwhile.
        var database = OpenDatabase();
        foreach (var pattern in ReadPatterns(database))
        {
            Try(() =>
            {
                foreach (var path in Expand(database, pattern))
                {
                    Protect(database, path);
                }
            });
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        foreach (var protection in _protections.Values)
        {
            protection.Complete(PipelineStopToken);
        }

        if (ScriptBlock is not null)
        {
            var paths = _protections.Values.SelectMany(protection => protection.Paths).ToArray();
            if (paths.Length > 0)
            {
                WriteObject(SessionState.InvokeCommand.InvokeScript(true, ScriptBlock, null, paths), enumerateCollection: true);
            }

            return;
        }

        foreach (var (database, protection) in _protections.ToList())
        {
            if (protection.Paths.Count > 0)
            {
                // From here on it is the caller's.
                _protections.Remove(database);
                WriteObject(new StorePathProtection(database.Store.Url, protection.Paths, protection));
            }
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            foreach (var protection in _protections.Values)
            {
                protection.Dispose();
            }
        }
    }

    private void Protect(StoreDatabase database, StorePath path)
    {
        if (!ShouldProcess(database.Store.Directory.Print(path), $"Protect from garbage collection in {database.Store.Url}"))
        {
            return;
        }

        _protections.Of(database, BeginProtection).Add(path, PipelineStopToken);
    }

    private PathProtection BeginProtection(StoreDatabase database) => PathProtection.Begin(database.Store, database.IsRegistered, PipelineStopToken);
}
