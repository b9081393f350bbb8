using System.Management.Automation;
using NixStore.Catalog.Pruning.Classes;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Get-BinaryCachePruneClass: the classes of paths that plans to prune a binary cache know.</summary>
[Cmdlet(VerbsCommon.Get, "BinaryCachePruneClass")]
[OutputType(typeof(BinaryCachePruneClass))]
public sealed class GetBinaryCachePruneClassCommand : ModuleCommand
{
    /// <summary>Only those with such names.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PruneClassCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>JSON files with further classes.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <inheritdoc/>
    protected override void Process()
    {
        var all = PruneClasses.With(Path.Select(path => SessionState.Path.GetUnresolvedProviderPathFromPSPath(path)));
        var patterns = Array.ConvertAll(Name, name => WildcardPattern.Get(name, WildcardOptions.IgnoreCase));
        WriteObject(all.Where(item => patterns.Length == 0 || patterns.Any(pattern => pattern.IsMatch(item.Name))), enumerateCollection: true);
        foreach (var name in Name.Where(name => !WildcardPattern.ContainsWildcardCharacters(name)))
        {
            Try(() => PruneClasses.Named(all, [name]));
        }
    }
}
