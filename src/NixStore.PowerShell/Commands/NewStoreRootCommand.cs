using System.Management.Automation;
using NixStore.Engine.Roots;

namespace NixStore.PowerShell.Commands;

/// <summary>New-StoreRoot: a link that keeps a path from being collected.</summary>
[Cmdlet(VerbsCommon.New, "StoreRoot", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(StoreRoot))]
public sealed class NewStoreRootCommand : StorePathCommand
{
    private readonly HashSet<string> _made = new(StringComparer.Ordinal);

    /// <summary>Where the link is to be.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Link { get; set; }

    /// <summary>Replace a link that keeps another path.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Give the new root.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var database = OpenDatabase();
        var link = GetUnresolvedProviderPathFromPSPath(Link!);
        foreach (var pattern in ReadPatterns(database))
        {
            Try(() =>
            {
                foreach (var path in Expand(database, pattern))
                {
                    Make(new RootMaker(database.Store, database.IsRegistered), path, database.Store.Directory.Print(path), link);
                }
            });
        }
    }

    private void Make(RootMaker maker, StorePath path, string full, string link)
    {
        // Not even by force: it would be the last of many, whichever that is.
        if (!_made.Add(link))
        {
            throw new NixStoreException("RootLinkExists", StoreErrorKind.InvalidArgument,
                $"'{link}' can keep one path only, and '{full}' is another.", full, "Give each path a link of its own.");
        }

        if (!ShouldProcess(link, $"Make a root for {full}"))
        {
            return;
        }

        var root = maker.Make(path, link, Force, PipelineStopToken);
        if (PassThru)
        {
            WriteObject(root);
        }
    }
}
