namespace NixStore.Engine.Doctor;

/// <summary>What is wrong with a path, in words.</summary>
internal static class DamageText
{
    private const int Named = 3;

    /// <summary>All of it in one clause.</summary>
    internal static string Summarise(StorePathInfo path)
    {
        var named = string.Join("; ", path.Problems.Take(Named));
        return path.Problems.Count > Named ? $"{named}; … ({path.Problems.Count - Named} more)" : named;
    }
}
