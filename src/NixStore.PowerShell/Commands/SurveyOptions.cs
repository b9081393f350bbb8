using System.Management.Automation;
using NixStore.Engine.Database;
using NixStore.Engine.Liveness;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;

namespace NixStore.PowerShell.Commands;

/// <summary>How a store is to be looked at for its garbage.</summary>
/// <param name="KeepDerivations">As the parameter says; null for nix.conf.</param>
/// <param name="KeepOutputs">As the parameter says; null for nix.conf.</param>
/// <param name="AssumeRemoved">Links of roots that are taken for removed.</param>
internal sealed record SurveyOptions(SwitchParameter? KeepDerivations, SwitchParameter? KeepOutputs, IReadOnlyCollection<string> AssumeRemoved)
{
    /// <summary>As nix.conf says, with all roots.</summary>
    public static SurveyOptions Default { get; } = new(null, null, []);

    /// <summary>As the -KeepDerivations and -KeepOutputs of a cmdlet say, where they were given.</summary>
    /// <param name="invocation">How the cmdlet was called.</param>
    /// <param name="assumeRemoved">Links of roots that are taken for removed.</param>
    public static SurveyOptions Of(InvocationInfo invocation, IReadOnlyCollection<string> assumeRemoved)
        => new(Given(invocation, nameof(KeepDerivations)), Given(invocation, nameof(KeepOutputs)), assumeRemoved);

    /// <summary>Which edges keep.</summary>
    /// <exception cref="NixStoreException">InvalidNixConfiguration</exception>
    public LivenessSettings Settings
    {
        get
        {
            var configured = LivenessSettings.From(NixConfiguration.Load());
            return new LivenessSettings(KeepDerivations ?? configured.KeepDerivations, KeepOutputs ?? configured.KeepOutputs);
        }
    }

    /// <summary>Looks, without a lock and without a trace.</summary>
    /// <param name="store">The store.</param>
    /// <param name="warn">Gets what may make the answer wrong.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="StoreDatabaseException"/>
    /// <exception cref="StoreDirectoryEmptyException"/>
    public StoreSurvey Survey(StoreLocation store, Action<string> warn, CancellationToken cancellation)
    {
        using var database = StoreDatabase.OpenForReading(store);
        return Survey(database, warn, cancellation);
    }

    /// <summary>As the other overload, of a database that is open.</summary>
    public StoreSurvey Survey(StoreDatabase database, Action<string> warn, CancellationToken cancellation)
    {
        PathLister.EnsureNotEmpty(database);
        var assumed = new AssumedRoots(database.Store, AssumeRemoved);
        var survey = StoreSurvey.Look(database, Settings, assumed.Covers, cancellation);
        foreach (var unread in survey.UnreadRoots)
        {
            warn($"{unread.Message} What only these keep is taken for garbage here. {unread.Remedy}".TrimEnd());
        }

        foreach (var link in assumed.NotFound)
        {
            warn($"No root of {database.Store.Url} is '{link}' or leads by way of it.");
        }

        if (survey.Garbage.Cyclic.Count > 0)
        {
            warn($"{survey.Garbage.Cyclic.Count} dead paths refer to each other in a circle; they cannot be collected. Test-StoreDatabase names them.");
        }

        return survey;
    }

    private static SwitchParameter? Given(InvocationInfo invocation, string name)
        => invocation.BoundParameters.TryGetValue(name, out var value) ? (SwitchParameter)value : null;
}
