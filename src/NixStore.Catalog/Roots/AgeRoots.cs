namespace NixStore.Catalog.Roots;

/// <summary>A rule instead of paths: every narinfo that is not older than some time is a root. Which ones these are is found out when the roots are used.</summary>
public static class AgeRoots
{
    /// <summary>Makes the rule.</summary>
    /// <param name="age">At least a second; parts of seconds are dropped.</param>
    /// <exception cref="NixStoreException">InvalidAge</exception>
    public static RootList From(TimeSpan age)
    {
        var whole = TimeSpan.FromSeconds(Math.Floor(age.TotalSeconds));
        return whole > TimeSpan.Zero ? new RootList(BinaryCacheRootKind.Age, $"age<{StoreDuration.Format(whole)}", [], whole)
            : throw new NixStoreException("InvalidAge", StoreErrorKind.InvalidArgument, $"The age {StoreDuration.Format(age)} is shorter than a second.", StoreDuration.Format(age), "Give for example 90d.");
    }
}
