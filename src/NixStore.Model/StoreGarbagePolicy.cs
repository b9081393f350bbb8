using System.Globalization;

namespace NixStore;

/// <summary>Which garbage goes first, where not all goes.</summary>
public enum StoreGarbageOrder
{
    /// <summary>What was registered first.</summary>
    Age,
    /// <summary>What takes most.</summary>
    Size,
    /// <summary>What was not used for longest.</summary>
    LastUse,
}

/// <summary>How garbage is chosen. What is not chosen keeps what it refers to.</summary>
public sealed record StoreGarbagePolicy
{
    /// <summary>What everybody wants gone: all but what Nix never makes.</summary>
    public static IReadOnlyList<StoreGarbageKind> DefaultKinds { get; } =
        [StoreGarbageKind.Dead, StoreGarbageKind.Ghost, StoreGarbageKind.Unregistered, StoreGarbageKind.Leftover, StoreGarbageKind.UnusedLink];

    /// <summary>Which sorts.</summary>
    public IReadOnlyList<StoreGarbageKind> Kinds { get; init => field = Indexable.Of(value); } = DefaultKinds;

    /// <summary>Only what was registered before this; of what is not registered, what has not changed since.</summary>
    public DateTimeOffset? RegisteredBefore { get; init; }

    /// <summary>Only what was not read since this.</summary>
    public DateTimeOffset? UnusedSince { get; init; }

    /// <summary>Stop as soon as so many bytes of disk space are freed.</summary>
    public long? MaxFreed { get; init; }

    /// <summary>Stop as soon as so many bytes of the file system are free.</summary>
    public long? EnsureFree { get; init; }

    /// <summary>Stop as soon as so many percent of the file system are free.</summary>
    public double? EnsureFreePercent { get; init; }

    /// <summary>Stop after so many.</summary>
    public int? MaxPaths { get; init; }

    /// <summary>What goes first.</summary>
    public StoreGarbageOrder Order { get; init; }

    /// <summary>A path that is alive keeps the derivation it was built from.</summary>
    public bool KeepDerivations { get; init; } = true;

    /// <summary>A derivation that is alive keeps its outputs.</summary>
    public bool KeepOutputs { get; init; }

    /// <summary>Only paths that match one of these wildcards; empty for all.</summary>
    public IReadOnlyList<string> Include { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Not paths that match one of these wildcards.</summary>
    public IReadOnlyList<string> Exclude { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Links of roots that are taken for removed already.</summary>
    public IReadOnlyList<string> AssumeRemoved { get; init => field = Indexable.Of(value); } = [];

    /// <summary>True when only some of the garbage is wanted.</summary>
    public bool IsLimited => MaxFreed is not null || EnsureFree is not null || EnsureFreePercent is not null || MaxPaths is not null;

    /// <inheritdoc/>
    public override string ToString()
    {
        (string Name, object? Value)[] parts =
        [
            (nameof(Kinds), Kinds.SequenceEqual(DefaultKinds) ? null : string.Join(",", Kinds)),
            (nameof(Include), Include.Count == 0 ? null : string.Join(",", Include)),
            (nameof(Exclude), Exclude.Count == 0 ? null : string.Join(",", Exclude)),
            (nameof(RegisteredBefore), RegisteredBefore?.ToString("u", CultureInfo.InvariantCulture)),
            (nameof(UnusedSince), UnusedSince?.ToString("u", CultureInfo.InvariantCulture)),
            (nameof(MaxFreed), MaxFreed is { } freed ? ByteSize.Format(freed) : null),
            (nameof(EnsureFree), EnsureFree is { } free ? ByteSize.Format(free) : null),
            (nameof(EnsureFreePercent), EnsureFreePercent),
            (nameof(MaxPaths), MaxPaths),
            (nameof(Order), IsLimited ? Order : null),
            (nameof(KeepDerivations), KeepDerivations),
            (nameof(KeepOutputs), KeepOutputs),
            (nameof(AssumeRemoved), AssumeRemoved.Count == 0 ? null : $"{AssumeRemoved.Count} links"),
        ];
        return string.Join("; ", parts.Where(part => part.Value is not null)
            .Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Name} {part.Value}")));
    }
}
