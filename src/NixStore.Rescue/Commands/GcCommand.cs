using System.CommandLine;
using NixStore.Engine.Collection;
using NixStore.Engine.Database;
using NixStore.Engine.Liveness;
using NixStore.Engine.Planning;
using NixStore.Engine.Stores;
using NixStore.Rescue.Output;

namespace NixStore.Rescue.Commands;

/// <summary><c>nixstore gc</c>: deletes what no root needs, or says what that would be.</summary>
internal sealed class GcCommand : StoreCommand
{
    private readonly Option<bool> _printDead = new("--print-dead") { Description = "Only print the paths that nothing needs." };
    private readonly Option<bool> _printLive = new("--print-live") { Description = "Only print the paths that are alive." };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Say what would be deleted and how much that frees; change nothing." };
    private readonly Option<bool> _trash = new("--trash") { Description = "Put everything into the trash, from where it can be restored." };
    private readonly Option<long?> _maxFreed = new("--max-freed") { Description = "Stop as soon as so many bytes are freed; the oldest go first." };
    private readonly LivenessOptions _liveness = new();
    private readonly Option<int> _jobs = CommonArguments.Jobs();
    private readonly GenerationOptions _generations = new();
    private readonly GarbagePolicyOptions _policy = new();

    /// <summary>Makes the command.</summary>
    public GcCommand() : base("gc", "Deletes what no garbage collection root needs, safely beside a running Nix.",
        ("nixstore gc --dry-run", "What would be deleted, and how much that frees."),
        ("nixstore gc --max-freed 2000000000", "Deletes the oldest garbage until 2 GB are free."),
        ("nixstore gc --delete-older-than 30d --keep-generations 5", "Removes old generations of all profiles first."))
    {
        foreach (var option in (Option[])[_printDead, _printLive, _dryRun, _trash, _maxFreed, _liveness.KeepDerivations, _liveness.KeepOutputs, _jobs])
        {
            Options.Add(option);
        }

        foreach (var option in (IEnumerable<Option>)[.. _generations.All, .. _policy.All])
        {
            Options.Add(option);
        }
    }

    /// <inheritdoc/>
    protected override bool HasTable => false;

    /// <inheritdoc/>
    protected override int Run(ParseResult parsed, StoreLocation store, IReport report, CancellationToken cancellation)
    {
        var settings = _liveness.Of(parsed);
        if (parsed.GetValue(_printDead) || parsed.GetValue(_printLive) || parsed.GetValue(_dryRun))
        {
            Look(parsed, store, settings, report, cancellation);
            return ExitCodes.Success;
        }

        var workers = parsed.GetValue(_jobs);
        var hasFailed = !_generations.Remove(parsed, store, report, cancellation);
        var policy = _policy.Of(parsed) with { MaxFreed = parsed.GetValue(_maxFreed) };
        var collection = Collector.Collect(
            store,
            new CollectionRequest
            {
                Settings = settings,
                Trash = parsed.GetValue(_trash),
                Workers = workers,
                Waiting = () => report.Warn("waiting for another collection or verification to end…"),
                Choose = survey => policy == GarbagePolicyOptions.Everything
                    ? GarbagePlanner.Everything(survey, workers, cancellation) : GarbagePlanner.Choose(survey, policy, null, workers, null, cancellation),
                Done = report.Write,
                Failed = report.WriteError,
                Warned = warning => report.Warn(warning.Message),
            },
            cancellation);
        report.Write(collection);
        return Code(hasFailed || collection.FailedCount > 0);
    }

    private void Look(ParseResult parsed, StoreLocation store, LivenessSettings settings, IReport report, CancellationToken cancellation)
    {
        using var database = StoreDatabase.OpenForReading(store);
        var assumed = new AssumedRoots(store, [.. _generations.Choose(parsed, store, report, cancellation).Select(generation => generation.Link)]);
        var survey = StoreSurvey.Look(database, settings, assumed.Covers, cancellation);
        if (parsed.GetValue(_printLive))
        {
            for (var node = 0; node < survey.Graph.Count; node++)
            {
                if (survey.Live.Contains(node))
                {
                    report.WriteName(survey.Graph.PathOf(node));
                }
            }

            return;
        }

        if (parsed.GetValue(_printDead))
        {
            foreach (var item in survey.Garbage.Items)
            {
                report.WriteName(item.Path);
            }

            return;
        }

        foreach (var item in GarbagePlanner.Find(survey, null, true, true, parsed.GetValue(_jobs), null, cancellation))
        {
            report.Write(item.ToObject());
        }
    }
}
