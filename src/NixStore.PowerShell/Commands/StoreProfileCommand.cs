using System.Management.Automation;
using NixStore.Engine.Generations;
using NixStore.Engine.Stores;

namespace NixStore.PowerShell.Commands;

/// <summary>The base of cmdlets that work on profiles of a store.</summary>
public abstract class StoreProfileCommand : StoreCommand
{
    private readonly Dictionary<string, (StoreProfiles Profiles, IReadOnlyList<StoreProfile>? Found)> _stores = new(StringComparer.Ordinal);

    /// <summary>
    /// The profiles that names, wildcards and paths mean, each once; all of the store for null. What is not found is an error record.
    /// </summary>
    private protected IEnumerable<StoreProfile> FindProfiles(StoreLocation store, string[]? names)
    {
        if (names is null)
        {
            return Discover(store);
        }

        var found = new Dictionary<string, StoreProfile>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            Try(() =>
            {
                foreach (var profile in Resolve(store, name))
                {
                    found.TryAdd(profile.Path, profile);
                }
            });
        }

        return found.Values;
    }

    /// <summary>The one profile that a name or a path means, every character as it stands.</summary>
    /// <exception cref="NixStoreException">ProfileNotFound, ProfileAmbiguous</exception>
    private protected StoreProfile FindProfile(StoreLocation store, string name)
    {
        if (IsPath(name))
        {
            return At(store, name);
        }

        var found = Discover(store).Where(profile => profile.Name == name).ToList();
        return found.Count == 1 ? found[0] : throw (found.Count == 0 ? NotFound(store, name) : new NixStoreException(
            "ProfileAmbiguous", StoreErrorKind.InvalidArgument, $"Several profiles are called '{name}': {string.Join(", ", found.Select(profile => profile.Path))}.",
            name, "Give the path of the one that is meant."));
    }

    private static bool IsPath(string name) => name.Contains('/') || name is ['~', ..];

    private static NixStoreException NotFound(StoreLocation store, string name) => new("ProfileNotFound", StoreErrorKind.NotFound,
        $"The store {store.Url} has no profile '{name}'.", name, "Get-StoreGeneration lists the profiles of a store; give the path of one that is elsewhere.");

    private IReadOnlyList<StoreProfile> Resolve(StoreLocation store, string name)
    {
        if (WildcardPattern.ContainsWildcardCharacters(name) && !Discover(store).Any(profile => profile.Path == name))
        {
            var pattern = new WildcardPattern(name);
            return [.. Discover(store).Where(profile => pattern.IsMatch(profile.Name) || pattern.IsMatch(profile.Path))];
        }

        var found = IsPath(name) ? [At(store, name)] : Discover(store).Where(profile => profile.Name == name).ToList();
        return found.Count > 0 ? found : throw NotFound(store, name);
    }

    private StoreProfile At(StoreLocation store, string path)
        => ProfilesOf(store).At(path.StartsWith('/') ? path : SessionState.Path.GetUnresolvedProviderPathFromPSPath(path));

    private StoreProfiles ProfilesOf(StoreLocation store)
    {
        if (!_stores.TryGetValue(store.Url, out var known))
        {
            known = (new StoreProfiles(store), null);
            _stores.Add(store.Url, known);
        }

        return known.Profiles;
    }

    /// <summary>Looks for profiles once a store, however many records there are.</summary>
    private IReadOnlyList<StoreProfile> Discover(StoreLocation store)
    {
        var profiles = ProfilesOf(store);
        var found = _stores[store.Url].Found ?? profiles.Find(PipelineStopToken);
        _stores[store.Url] = (profiles, found);
        return found;
    }
}
