using System.CommandLine;
using NixStore.Engine.Generations;
using NixStore.Engine.Stores;
using NixStore.Rescue.Output;

namespace NixStore.Rescue.Commands;

/// <summary>The options that say which generations go before the garbage does; of all profiles of the store and of its machine's users.</summary>
internal sealed class GenerationOptions
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    private readonly Option<StoreAge?> _olderThan = AgeOption.Make("--delete-older-than",
        "First remove generations of profiles that are older, except the one that was active at that moment.");

    private readonly Option<int?> _keep = CommonArguments.Count("--keep-generations",
        "First remove generations of profiles except so many; with --delete-older-than, those that neither keeps.");

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [_olderThan, _keep];

    /// <summary>The generations that would go; nothing when no option says so.</summary>
    public IReadOnlyList<StoreGeneration> Choose(ParseResult parsed, StoreLocation store, IReport report, CancellationToken cancellation)
    {
        var chosen = new List<StoreGeneration>();
        ForEachProfile(parsed, store, report, cancellation, (profile, rules) =>
        {
            var choice = rules.Choose(profile.Path, profile.ReadGenerations());
            chosen.AddRange(choice.Removable);
            choice.Errors.ToList().ForEach(report.WriteError);
        });
        return chosen;
    }

    /// <summary>Removes them; false when some of them could not be.</summary>
    public bool Remove(ParseResult parsed, StoreLocation store, IReport report, CancellationToken cancellation)
    {
        var isFine = true;
        var goesOn = ForEachProfile(parsed, store, report, cancellation, (profile, rules) => GenerationRemover.Remove(
            profile, rules, rules.Choose(profile.Path, profile.ReadGenerations()).Removable, s_patience, report.Write, Fail, cancellation));
        return goesOn && isFine;

        void Fail(NixStoreException error)
        {
            isFine = false;
            report.WriteError(error);
        }
    }

    private bool ForEachProfile(
        ParseResult parsed, StoreLocation store, IReport report, CancellationToken cancellation, Action<StoreProfile, RetentionRules> work)
    {
        var rules = new RetentionRules { OlderThan = parsed.GetValue(_olderThan)?.CutOff(DateTimeOffset.UtcNow), KeepLast = parsed.GetValue(_keep) };
        var isFine = true;
        foreach (var profile in rules.IsEmpty ? [] : new StoreProfiles(store).Find(cancellation))
        {
            try
            {
                work(profile, rules);
            }
            catch (NixStoreException error)
            {
                isFine = false;
                report.WriteError(error);
            }
        }

        return isFine;
    }
}
