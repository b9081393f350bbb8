using System.Globalization;
using System.Management.Automation;
using NixStore.Engine.Generations;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>Remove-StoreGeneration: removes generations of profiles by rules, by number, or as nix-env is told to.</summary>
[Cmdlet(VerbsCommon.Remove, "StoreGeneration", SupportsShouldProcess = true, DefaultParameterSetName = RulesSet)]
[OutputType(typeof(StoreGeneration))]
public sealed class RemoveStoreGenerationCommand : StoreProfileCommand
{
    private const string RulesSet = "Rules";
    private const string NumberSet = "Number";
    private const string SpecificationSet = "Specification";

    private DateTimeOffset _now;

    /// <summary>Which profiles: names, with wildcards, or paths. Default with rules: all that are found.</summary>
    [Parameter(Position = 0, ParameterSetName = RulesSet)]
    [Parameter(Position = 0, Mandatory = true, ParameterSetName = NumberSet, ValueFromPipelineByPropertyName = true)]
    [Parameter(Position = 0, Mandatory = true, ParameterSetName = SpecificationSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ProfileCompleter))]
    public string[]? Profile { get; set; }

    /// <summary>Which generations, by number.</summary>
    [Parameter(Position = 1, Mandatory = true, ParameterSetName = NumberSet, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public long[]? Number { get; set; }

    /// <summary>What nix-env --delete-generations takes: old, 14d, +5 or numbers.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SpecificationSet)]
    [ValidateNotNullOrEmpty]
    public string[]? Specification { get; set; }

    /// <summary>Keep what is younger, and what was active at that moment.</summary>
    [Parameter(ParameterSetName = RulesSet)]
    [StoreAge]
    public StoreAge? OlderThan { get; set; }

    /// <summary>Keep so many, counting from the current one downwards, and those newer than it.</summary>
    [Parameter(ParameterSetName = RulesSet)]
    [ValidateRange(1, int.MaxValue)]
    public int? KeepLast { get; set; }

    /// <summary>Keep the newest of each of the last so many days that have one.</summary>
    [Parameter(ParameterSetName = RulesSet)]
    [ValidateRange(1, int.MaxValue)]
    public int? KeepDaily { get; set; }

    /// <summary>Keep the newest of each of the last so many weeks that have one.</summary>
    [Parameter(ParameterSetName = RulesSet)]
    [ValidateRange(1, int.MaxValue)]
    public int? KeepWeekly { get; set; }

    /// <summary>Keep the newest of each of the last so many months that have one.</summary>
    [Parameter(ParameterSetName = RulesSet)]
    [ValidateRange(1, int.MaxValue)]
    public int? KeepMonthly { get; set; }

    /// <summary>How many seconds to wait for a profile that somebody else changes.</summary>
    [Parameter]
    [Alias("TimeoutSeconds")]
    [ValidateRange(0, int.MaxValue)]
    public int Timeout { get; set; } = 600;

    /// <summary>Give the generations that were removed.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Begin()
    {
        _now = DateTimeOffset.UtcNow;
        if (ParameterSetName == RulesSet && NewRules().IsEmpty)
        {
            throw new NixStoreException("RetentionRuleMissing", StoreErrorKind.InvalidArgument, "Nothing says which generations to keep.", null,
                "Give -OlderThan, -KeepLast, -KeepDaily, -KeepWeekly or -KeepMonthly; -Specification old removes all but the current one.");
        }
    }

    /// <inheritdoc/>
    protected override void Process()
    {
        var store = LocateStore();
        var selection = NewSelection();
        var profiles = Number is null ? FindProfiles(store, Profile) : Array.ConvertAll(Profile!, name => FindProfile(store, name));
        foreach (var profile in profiles)
        {
            Try(() => Remove(profile, selection));
        }
    }

    private void Remove(StoreProfile profile, IGenerationSelection selection)
    {
        var choice = selection.Choose(profile.Path, profile.ReadGenerations());
        var approved = choice.Removable.Where(generation => ShouldProcess(Describe(generation), "Remove the generation")).ToList();
        if (approved.Count == 0)
        {
            foreach (var error in choice.Errors)
            {
                WriteError(error);
            }

            return;
        }

        GenerationRemover.Remove(profile, selection, approved, TimeSpan.FromSeconds(Timeout), WriteRemoved, error => WriteError(error), PipelineStopToken);
    }

    private static string Describe(StoreGeneration generation)
        => string.Create(CultureInfo.InvariantCulture, $"{generation.Profile} {generation.Number} ({generation.CreationTime.LocalDateTime:yyyy-MM-dd HH:mm}, {generation.Path})");

    private void WriteRemoved(StoreGeneration generation)
    {
        if (PassThru)
        {
            WriteObject(generation);
        }
    }

    private IGenerationSelection NewSelection() => ParameterSetName switch
    {
        NumberSet => new NamedGenerations(Number!, mayBeAbsent: false),
        SpecificationSet => GenerationSpecification.Parse(Specification!, _now),
        _ => NewRules(),
    };

    private RetentionRules NewRules() => new()
    {
        OlderThan = OlderThan?.CutOff(_now),
        KeepLast = KeepLast,
        KeepDaily = KeepDaily,
        KeepWeekly = KeepWeekly,
        KeepMonthly = KeepMonthly,
    };
}
