using System.Management.Automation;
using NixStore.Engine.Database;
using NixStore.Engine.Optimisation;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Optimize-NixStore: save space by hard-linking equal files.</summary>
[Cmdlet(VerbsCommon.Optimize, "NixStore", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(StoreOptimisation))]
public sealed class OptimizeNixStoreCommand : StorePathCommand
{
    private readonly Dictionary<string, (StoreLocation Store, HashSet<string>? Paths)> _wanted = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    [Parameter(Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [StorePathText]
    [ArgumentCompleter(typeof(StorePathCompleter))]
    public override string[]? Path { get; set; }

    /// <summary>Leave files alone that are shorter than this many bytes.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long MinimumSize { get; set; }

    /// <summary>Hash every entry of .links first, and remove bad ones that no path shares.</summary>
    [Parameter]
    public SwitchParameter VerifyLinks { get; set; }

    /// <summary>How many paths are worked on at once. Default: one for each processor.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = Environment.ProcessorCount;

    /// <inheritdoc/>
    protected override void Process()
    {
        var database = OpenDatabase();
        var patterns = ReadPatterns(database);
        if (patterns.Count == 0)
        {
            _wanted[database.Store.Url] = (database.Store, null);
            return;
        }

        if (!_wanted.TryGetValue(database.Store.Url, out var wanted))
        {
            wanted = (database.Store, new HashSet<string>(StringComparer.Ordinal));
        }

        foreach (var pattern in patterns)
        {
            Try(() => wanted.Paths?.UnionWith(Find(database, pattern)));
        }

        if (wanted.Paths is not { Count: 0 })
        {
            _wanted[database.Store.Url] = wanted;
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        foreach (var (store, paths) in _wanted.Values)
        {
            Try(() => Optimise(store, paths));
        }
    }

    private static List<string> Find(StoreDatabase database, StorePathPattern pattern)
    {
        if (!pattern.IsWildcard)
        {
            return [new PathLookup(database).Find(pattern.Text).Path];
        }

        var found = database.ReadNames().Where(pattern.IsMatch).ToList();
        return found.Count > 0 ? found : throw new StorePathNotFoundException(pattern.Text, database.Store);
    }

    private void Optimise(StoreLocation store, HashSet<string>? paths)
    {
        var target = paths is null ? store.Url : $"{paths.Count} paths of {store.Url}";
        const string action = "Replace equal files by hard links";
        var does = ShouldProcess($"Performing the operation \"{action}\" on target \"{target}\".", $"{action} in {target}?", "Confirm", out var reason);

        // Who asks what would be gets an answer; who says no does not.
        if (!does && reason != ShouldProcessReason.WhatIf)
        {
            return;
        }

        var options = new OptimisationOptions
        {
            MinimumSize = MinimumSize, VerifyLinks = VerifyLinks, IsPrediction = !does, Workers = ThrottleLimit,
        };
        var counts = new VerificationProgress();
        using var progress = NewProgress(does ? "Linking equal files" : "Looking for equal files");
        progress.Follow(new VerificationStatus(counts).Ask);
        Pump(
            (emit, stop) =>
            {
                var result = StoreOptimiser.Run(
                    store, options, paths is null ? null : paths.Contains, error => emit(() => WriteError(error)), counts, stop);
                emit(() => WriteObject(result));
            },
            progress);
    }
}
