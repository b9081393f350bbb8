using NixStore.Engine.Collection;
using NixStore.Engine.Database;
using NixStore.Engine.Liveness;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Checkup;

/// <summary>
/// Whether paths are dead for sure, found out when it is first asked for: where all is well it never is. What cannot be told counts as alive.
/// Safe for several threads.
/// </summary>
internal sealed class PathLiveness
{
    private readonly StoreLocation _store;
    private readonly CancellationToken _cancellation;
    private readonly Lazy<StoreSurvey?> _survey;

    internal PathLiveness(StoreLocation store, CancellationToken cancellation)
    {
        _store = store;
        _cancellation = cancellation;
        _survey = new Lazy<StoreSurvey?>(Look);
    }

    /// <summary>False when the database is too damaged to say what is alive.</summary>
    internal bool CanTell { get; set; } = true;

    /// <summary>True when nothing keeps a registered path.</summary>
    /// <exception cref="OperationCanceledException"/>
    internal bool IsDead(string path) => CanTell && _survey.Value is { } survey && survey.Graph.Find(path) is var node and >= 0 && !survey.Live.Contains(node);

    private StoreSurvey? Look()
    {
        try
        {
            using var database = StoreDatabase.OpenForReading(_store);
            var survey = StoreSurvey.Look(database, Settings(), null, _cancellation);

            // Where a collection would refuse for roots that could not be read, nothing is dead for sure.
            CollectionGuard.EnsureRootsRead(survey);
            return survey;
        }
        catch (NixStoreException)
        {
            return null;
        }
    }

    /// <summary>As nix.conf says; where that cannot be read, all edges keep.</summary>
    private static LivenessSettings Settings()
    {
        try
        {
            return LivenessSettings.From(NixConfiguration.Load());
        }
        catch (NixStoreException)
        {
            return new LivenessSettings(KeepDerivations: true, KeepOutputs: true);
        }
    }
}
