namespace NixStore.Catalog.Reports;

/// <summary>What a report says, as the page reads it. Sizes are bytes; days are ISO dates; what is null is left out of the page.</summary>
internal sealed record ReportContents
{
    /// <summary>The heading.</summary>
    public required string Title { get; init; }

    /// <summary>Address of the cache.</summary>
    public string? Cache { get; init; }

    /// <summary>When the report was made; the one thing that is not of the catalog.</summary>
    public DateTimeOffset Made { get; init; }

    /// <summary>What the catalog was filled with.</summary>
    public IReadOnlyList<ReportSource> Sources { get; init; } = [];

    /// <summary>The whole by its narinfos; null when there are none.</summary>
    public ReportGroup? Total { get; init; }

    /// <summary>Of what <see cref="Days"/> are: narinfos, or objects for want of these.</summary>
    public bool HasNarInfos { get; init; }

    /// <summary>What came on each day on which something came, the oldest first.</summary>
    public IReadOnlyList<ReportDay> Days { get; init; } = [];

    /// <summary>What came nobody knows when.</summary>
    public ReportDay? Undated { get; init; }

    /// <summary>Narinfos that Hydra does not know, by day; null when the catalog does not have Hydra's table.</summary>
    public IReadOnlyList<ReportOrphanDay>? OrphanDays { get; init; }

    /// <summary>What hangs in the air, by kind.</summary>
    public IReadOnlyList<ReportCount> Orphans { get; init; } = [];

    /// <summary>Objects by storage class.</summary>
    public IReadOnlyList<ReportGroup> StorageClasses { get; init; } = [];

    /// <summary>Objects by what they are.</summary>
    public IReadOnlyList<ReportGroup> Kinds { get; init; } = [];

    /// <summary>Narinfos by compression.</summary>
    public IReadOnlyList<ReportGroup> Compressions { get; init; } = [];

    /// <summary>Narinfos by system.</summary>
    public IReadOnlyList<ReportGroup> Systems { get; init; } = [];

    /// <summary>The names of packages that take up most.</summary>
    public IReadOnlyList<ReportGroup> Names { get; init; } = [];

    /// <summary>The store paths that take up most.</summary>
    public IReadOnlyList<ReportPath> Paths { get; init; } = [];

    /// <summary>What is wrong with objects, by kind.</summary>
    public IReadOnlyList<ReportFinding> Findings { get; init; } = [];

    /// <summary>Roots by origin.</summary>
    public IReadOnlyList<ReportRoots> Roots { get; init; } = [];

    /// <summary>By what costs were computed; null when they were not asked for.</summary>
    public ReportPrices? Prices { get; init; }

    /// <summary>The plan whose effect is shown; null when none was given.</summary>
    public ReportPlan? Plan { get; init; }
}

/// <summary>Something that the catalog was filled with.</summary>
internal sealed record ReportSource(string Source, string Kind, DateTimeOffset? Created);

/// <summary>A group; of narinfos or of objects.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Count">Narinfos or objects.</param>
/// <param name="Size">Bytes of NAR files or objects.</param>
/// <param name="NarSize">Bytes of NARs; null of objects.</param>
/// <param name="NarCount">NAR files; null of objects.</param>
/// <param name="Cost">Storage a month.</param>
internal sealed record ReportGroup(string Name, long Count, long Size, long? NarSize, long? NarCount, decimal? Cost);

/// <summary>What came on a day.</summary>
internal sealed record ReportDay(DateOnly? Day, long Count, long Size);

/// <summary>Narinfos of a day, and those of them that Hydra does not know.</summary>
internal sealed record ReportOrphanDay(DateOnly? Day, long Count, long Orphans);

/// <summary>How many there are of a kind.</summary>
internal sealed record ReportCount(string Kind, long Count);

/// <summary>A store path.</summary>
internal sealed record ReportPath(string Path, long Size, long NarSize, DateOnly? Day);

/// <summary>A kind of findings with an example.</summary>
internal sealed record ReportFinding(string Kind, long Count, string Key, string Detail);

/// <summary>The roots of an origin.</summary>
internal sealed record ReportRoots(string Kind, string Origin, long Count);

/// <summary>A price list.</summary>
/// <param name="Name">Whose prices these are.</param>
/// <param name="Date">Of which day.</param>
/// <param name="Currency">Their currency.</param>
/// <param name="IsOfObjects">True when objects were priced, each in its storage class; else NARs, as if all were in STANDARD.</param>
/// <param name="Total">All that is priced, for a month.</param>
internal sealed record ReportPrices(string Name, DateOnly Date, string Currency, bool IsOfObjects, decimal Total);
