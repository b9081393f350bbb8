using System.Management.Automation;
using NixStore.Engine.Generations;
using NixStore.Engine.Graph;
using NixStore.Engine.Liveness;
using NixStore.Engine.Roots;
using NixStore.Engine.Stores;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Get-StoreGeneration: the generations of profiles.</summary>
[Cmdlet(VerbsCommon.Get, "StoreGeneration")]
[OutputType(typeof(StoreGeneration))]
public sealed class GetStoreGenerationCommand : StoreProfileCommand
{
    private readonly OpenStores _databases = new();

    /// <summary>Which profiles: names, with wildcards, or paths. Default: all that are found.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ProfileCompleter))]
    public string[]? Profile { get; set; }

    /// <summary>Only profiles of these kinds.</summary>
    [Parameter]
    public StoreProfileKind[]? Kind { get; set; }

    /// <summary>Also find out what removing each generation alone would free.</summary>
    [Parameter]
    public SwitchParameter IncludeSize { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        var store = LocateStore();
        var all = new List<StoreGeneration>();
        foreach (var profile in FindProfiles(store, Profile).Where(profile => Kind is null || Kind.Contains(profile.Kind)))
        {
            Try(() => all.AddRange(profile.ReadGenerations()));
        }

        if (!IncludeSize || all.Count == 0)
        {
            all.ForEach(WriteObject);
            return;
        }

        Pump<StoreGeneration>((emit, cancellation) => AddSizes(store, all, cancellation).ToList().ForEach(emit), WriteObject);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            _databases.Dispose();
        }
    }

    private IReadOnlyList<StoreGeneration> AddSizes(StoreLocation store, List<StoreGeneration> generations, CancellationToken cancellation)
    {
        var graph = StoreGraph.Load(_databases.Open(store), cancellation);
        var roots = new RootScanner(store, path => graph.Find(path) >= 0).FindAll(cancellation);
        return GenerationSizes.AddTo(generations, graph, roots, LivenessSettings.From(NixConfiguration.Load()), cancellation);
    }
}
