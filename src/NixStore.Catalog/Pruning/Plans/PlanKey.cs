using System.Text.RegularExpressions;
using NixStore.Catalog.Pruning.Objects;

namespace NixStore.Catalog.Pruning.Plans;

/// <summary>Names of objects in plans: a plan may come from anywhere, and what it names is deleted.</summary>
public static partial class PlanKey
{
    /// <summary>True when a key is one that objects of the kind have, and cannot lead out of the cache.</summary>
    public static bool IsValid(string key, BinaryCacheObjectKind kind) => ObjectKeys.Objection(key) is null && kind switch
    {
        BinaryCacheObjectKind.NarInfo => NarInfo().IsMatch(key),
        BinaryCacheObjectKind.Listing => Listing().IsMatch(key),
        BinaryCacheObjectKind.Log => key.StartsWith("log/", StringComparison.Ordinal),
        BinaryCacheObjectKind.DebugInfo => key.StartsWith("debuginfo/", StringComparison.Ordinal),
        BinaryCacheObjectKind.Realisation => key.StartsWith("realisations/", StringComparison.Ordinal),
        BinaryCacheObjectKind.BuildTrace => key.StartsWith("build-trace-v2/", StringComparison.Ordinal),
        BinaryCacheObjectKind.Nar => key != "nix-cache-info" && !Other().IsMatch(key),
        _ => false,
    };

    [GeneratedRegex(@"^[0-9abcdfghijklmnpqrsvwxyz]{32}\.narinfo\z")]
    private static partial Regex NarInfo();

    [GeneratedRegex(@"^[0-9abcdfghijklmnpqrsvwxyz]{32}\.ls(\.[a-z0-9]+)?\z")]
    private static partial Regex Listing();

    /// <summary>What no NAR is called, though narinfos may name anything.</summary>
    [GeneratedRegex(@"^(log|debuginfo|realisations|build-trace-v2|nixstore-trash)/|^[0-9abcdfghijklmnpqrsvwxyz]{32}\.(narinfo\z|ls(\.[a-z0-9]+)?\z)")]
    private static partial Regex Other();
}
