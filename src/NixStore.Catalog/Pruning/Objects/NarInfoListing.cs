namespace NixStore.Catalog.Pruning.Objects;

/// <summary>Lists the narinfos of a cache, and as little else as can be. They are in no folder, so folders are passed over as soon as one shows.</summary>
internal static class NarInfoListing
{
    private const string FirstCharacters = "0123456789abcdfghijklmnpqrsvwxyz";

    /// <summary>Parts that can be listed at the same time. A folder is read as a whole in any case.</summary>
    internal static IEnumerable<string> PrefixesOf(IObjectControl cache) => cache is S3Objects ? FirstCharacters.Select(first => first.ToString()) : [""];

    /// <summary>Lists a part.</summary>
    /// <exception cref="NixStoreException">As of <see cref="IObjectControl.List"/>.</exception>
    internal static IEnumerable<(string Hash, ObjectState State)> Of(IObjectControl cache, string prefix, CancellationToken cancellation)
    {
        for (string? after = null; ;)
        {
            string? behind = null;
            foreach (var state in cache.List(prefix, after, cancellation))
            {
                if (state.Key.IndexOf('/') is var slash and >= 0)
                {
                    // The character behind the slash.
                    behind = state.Key[..slash] + "0";
                    break;
                }

                if (ObjectKeys.IsNarInfo(state.Key, out var hash))
                {
                    yield return (hash, state);
                }
            }

            if (behind is null)
            {
                yield break;
            }

            after = behind;
        }
    }
}
