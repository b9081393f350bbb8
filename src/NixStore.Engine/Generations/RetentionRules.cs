using System.Globalization;

namespace NixStore.Engine.Generations;

/// <summary>
/// Rules that keep generations; what none of them keeps goes, except what is in use. <see cref="OlderThan"/> and <see cref="KeepLast"/> count
/// exactly as <c>nix-env --delete-generations 14d</c> and <c>+5</c> do (Nix libstore/profiles.cc:deleteGenerationsOlderThan,
/// deleteGenerationsGreaterThan).
/// </summary>
public sealed record RetentionRules : IGenerationSelection
{
    /// <summary>The moment before which generations are old; those younger are kept, and the newest old one, which was active at that moment.</summary>
    public DateTimeOffset? OlderThan { get; init; }

    /// <summary>How many to keep counting from the current one downwards, it included; those newer than it are kept as well.</summary>
    public int? KeepLast { get; init; }

    /// <summary>Of how many days, counting those only that have a generation, to keep the newest.</summary>
    public int? KeepDaily { get; init; }

    /// <summary>The same with weeks (Monday to Sunday, ISO 8601).</summary>
    public int? KeepWeekly { get; init; }

    /// <summary>The same with months.</summary>
    public int? KeepMonthly { get; init; }

    /// <summary>Where days begin.</summary>
    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Local;

    /// <summary>True when nothing would keep anything but what is in use.</summary>
    public bool IsEmpty => OlderThan is null && KeepLast is null && KeepDaily is null && KeepWeekly is null && KeepMonthly is null;

    /// <inheritdoc/>
    public GenerationChoice Choose(string profile, IReadOnlyList<StoreGeneration> generations)
    {
        if (generations.Count == 0)
        {
            return new GenerationChoice([], []);
        }

        var current = GenerationChoice.RequireCurrent(profile, generations);
        var kept = new HashSet<long>();
        AddYoung(generations, kept);
        AddLast(generations, current.Number, kept);
        AddNewestOf(generations, KeepDaily, day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), kept);
        AddNewestOf(generations, KeepWeekly,
            day => string.Create(CultureInfo.InvariantCulture, $"{ISOWeek.GetYear(day):D4}-{ISOWeek.GetWeekOfYear(day):D2}"), kept);
        AddNewestOf(generations, KeepMonthly, day => day.ToString("yyyy-MM", CultureInfo.InvariantCulture), kept);
        return GenerationChoice.Except(generations, generation => kept.Contains(generation.Number));
    }

    private void AddYoung(IReadOnlyList<StoreGeneration> generations, HashSet<long> kept)
    {
        if (OlderThan is not { } cutOff)
        {
            return;
        }

        // Nix counts in whole seconds. Where times do not rise with the numbers it gives up; here, what is not old is kept.
        var isOld = generations.Select(generation => generation.CreationTime.ToUnixTimeSeconds() < cutOff.ToUnixTimeSeconds()).ToArray();
        var active = Array.LastIndexOf(isOld, true);
        for (var i = 0; i < generations.Count; i++)
        {
            if (i >= active || !isOld[i])
            {
                kept.Add(generations[i].Number);
            }
        }
    }

    private void AddLast(IReadOnlyList<StoreGeneration> generations, long current, HashSet<long> kept)
    {
        if (KeepLast is { } count)
        {
            kept.UnionWith(generations.Select(generation => generation.Number).Where(number => number > current));
            kept.UnionWith(generations.Select(generation => generation.Number).Where(number => number <= current).Reverse().Take(count));
        }
    }

    private void AddNewestOf(IReadOnlyList<StoreGeneration> generations, int? count, Func<DateTime, string> bucketOf, HashSet<long> kept)
    {
        if (count is not null)
        {
            kept.UnionWith(generations.GroupBy(generation => bucketOf(TimeZoneInfo.ConvertTime(generation.CreationTime, TimeZone).DateTime))
                .OrderByDescending(bucket => bucket.Key, StringComparer.Ordinal).Take(count.Value)
                .Select(bucket => bucket.OrderBy(generation => generation.CreationTime).ThenBy(generation => generation.Number).Last().Number));
        }
    }
}
