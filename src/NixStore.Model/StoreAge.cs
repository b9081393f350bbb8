using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace NixStore;

/// <summary>
/// How old something must be, or since when: <c>14d</c>, a time span, a date. Nothing becomes a unit by itself: a bare number is refused.
/// </summary>
public sealed class StoreAge
{
    private const string Example = "Write a whole number and its unit (90m minutes, 36h hours, 14d days, 2w weeks, 6mo months, 1y years) or a date such as 2026-01-31.";

    private static readonly string[] s_dates = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm:ss",
        "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    private readonly string _text;
    private readonly Func<DateTimeOffset, DateTimeOffset> _cutOff;

    private StoreAge(string text, Func<DateTimeOffset, DateTimeOffset> cutOff)
    {
        _text = text;
        _cutOff = cutOff;
    }

    /// <summary>A length of time; zero is any age.</summary>
    /// <exception cref="NixStoreException">InvalidAge: it is negative.</exception>
    public static StoreAge From(TimeSpan age)
    {
        var text = age.ToString("c", CultureInfo.InvariantCulture);
        return age >= TimeSpan.Zero
            ? Shortest(age) ?? new StoreAge(text, now => Back(now, age))
            : throw Invalid(text, $"The age {text} is negative.", "Give a time span that is not negative, such as New-TimeSpan -Days 14.");
    }

    /// <summary>A moment of the past.</summary>
    /// <exception cref="NixStoreException">InvalidAge: it is in the future.</exception>
    public static StoreAge From(DateTimeOffset date) => From(date, date.ToString("o", CultureInfo.InvariantCulture));

    /// <summary>A moment of the past; one of no stated kind is local time.</summary>
    /// <exception cref="NixStoreException">InvalidAge: it is in the future, or too near the calendar's beginning.</exception>
    public static StoreAge From(DateTime date)
        => date.Year > 1 ? From(new DateTimeOffset(date)) : throw Invalid(date.ToString("o", CultureInfo.InvariantCulture), "The first year of the calendar is no age.", Example);

    /// <summary>
    /// Parses a whole number with one of the units m (minutes), h, d, w, mo (months of the calendar) and y, an ISO 8601 date or date and time
    /// (local time unless it says another), or a time span with colons.
    /// </summary>
    /// <exception cref="NixStoreException">InvalidAge</exception>
    public static StoreAge Parse(string text)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && char.IsAsciiDigit(text[^1]))
        {
            throw Invalid(text, $"The age '{text}' has no unit.",
                string.Create(CultureInfo.InvariantCulture, $"Write {Math.Abs(Math.Truncate(number)):0}d if days are meant. {Example}"));
        }

        return ParseAmount(text) ?? ParseDate(text) ?? ParseSpan(text) ?? throw Invalid(text, $"'{text}' is not an age.", Example);
    }

    /// <summary>As <see cref="Parse"/> without raising an error.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out StoreAge? age)
    {
        try
        {
            age = text is null ? null : Parse(text);
        }
        catch (NixStoreException)
        {
            age = null;
        }

        return age is not null;
    }

    /// <summary>The moment before which things are old enough; the calendar's beginning for ages that reach further back.</summary>
    /// <param name="now">The moment that the age counts from.</param>
    public DateTimeOffset CutOff(DateTimeOffset now) => _cutOff(now);

    /// <summary>As it was written, in a form that <see cref="Parse"/> takes.</summary>
    public override string ToString() => _text;

    private static StoreAge? ParseAmount(string text)
    {
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        if (digits == 0 || !int.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return null;
        }

        return text[digits..] switch
        {
            "m" => new StoreAge(text, now => Back(now, TimeSpan.FromMinutes(count))),
            "h" => new StoreAge(text, now => Back(now, TimeSpan.FromHours(count))),
            "d" => new StoreAge(text, now => BackDays(now, count)),
            "w" => new StoreAge(text, now => BackDays(now, 7L * count)),
            "mo" => new StoreAge(text, now => BackMonths(now, count)),
            "y" => new StoreAge(text, now => BackMonths(now, 12L * count)),
            _ => null,
        };
    }

    private static StoreAge? ParseDate(string text)
        => DateTimeOffset.TryParseExact(text, s_dates, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var date) ? From(date, text) : null;

    private static StoreAge? ParseSpan(string text)
        => text.Contains(':') && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var span) ? From(span) : null;

    private static StoreAge From(DateTimeOffset date, string text)
        => date <= DateTimeOffset.UtcNow
            ? new StoreAge(text, _ => date)
            : throw Invalid(text, $"The date {text} is in the future.", "Give a date that has passed, such as (Get-Date).AddDays(-14).");

    private static StoreAge? Shortest(TimeSpan age)
    {
        (long Ticks, string Unit)[] units = [(TimeSpan.TicksPerDay, "d"), (TimeSpan.TicksPerHour, "h"), (TimeSpan.TicksPerMinute, "m")];
        foreach (var (ticks, unit) in units)
        {
            if (age.Ticks % ticks == 0)
            {
                return ParseAmount(string.Create(CultureInfo.InvariantCulture, $"{age.Ticks / ticks}{unit}"));
            }
        }

        return null;
    }

    private static DateTimeOffset Back(DateTimeOffset now, TimeSpan age) => now.UtcTicks > age.Ticks ? now.ToUniversalTime() - age : DateTimeOffset.MinValue;

    private static DateTimeOffset BackDays(DateTimeOffset now, long days)
        => now.UtcTicks / TimeSpan.TicksPerDay > days ? Back(now, TimeSpan.FromDays(days)) : DateTimeOffset.MinValue;

    private static DateTimeOffset BackMonths(DateTimeOffset now, long months)
        => now.ToUniversalTime() is var utc && ((utc.Year - 1) * 12) + utc.Month > months ? utc.AddMonths(-(int)months) : DateTimeOffset.MinValue;

    private static NixStoreException Invalid(string text, string message, string remedy)
        => new("InvalidAge", StoreErrorKind.InvalidArgument, message, text, remedy);
}
