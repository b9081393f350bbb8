using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace NixStore;

/// <summary>Lengths of time as systemd and this product write them: <c>10min</c>, <c>1h 30min</c>, <c>30d</c>. Nothing becomes a unit by itself.</summary>
public static class StoreDuration
{
    // The longest first.
    private static readonly (string Name, long Ticks)[] s_units =
    [
        ("w", 7 * TimeSpan.TicksPerDay), ("d", TimeSpan.TicksPerDay), ("h", TimeSpan.TicksPerHour), ("min", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond), ("ms", TimeSpan.TicksPerMillisecond), ("us", TimeSpan.TicksPerMicrosecond),
    ];

    /// <summary>Parses whole numbers with their units (w, d, h, min or m, s, ms, us), added up, or a time span with colons such as 01:30:00.</summary>
    /// <exception cref="NixStoreException">InvalidDuration</exception>
    public static TimeSpan Parse(string text)
        => TryParse(text, out var duration) ? duration.Value : throw new NixStoreException(
            "InvalidDuration", StoreErrorKind.InvalidArgument, $"'{text}' is not a length of time.", text,
            "Write whole numbers with their units, such as 10min, 1h 30min or 30d, or a time span such as 01:30:00.");

    /// <summary>As <see cref="Parse"/> without raising an error.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out TimeSpan? duration)
    {
        duration = null;
        if (string.IsNullOrWhiteSpace(text))
        {
            return false;
        }

        if (text.Contains(':'))
        {
            duration = TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var span) && span >= TimeSpan.Zero ? span : null;
            return duration is not null;
        }

        long ticks = 0;
        for (var rest = text.AsSpan().Trim(' '); rest.Length > 0;)
        {
            if (!TryTake(ref rest, out var part) || part > TimeSpan.MaxValue.Ticks - ticks)
            {
                return false;
            }

            ticks += part;
        }

        duration = new TimeSpan(ticks);
        return true;
    }

    /// <summary>Writes it in a form that <see cref="Parse"/> and systemd take; parts of a microsecond are dropped.</summary>
    public static string Format(TimeSpan duration)
    {
        var rest = duration.Ticks;
        var parts = new List<string>();

        // Weeks are read, and not written: 30d is what people say.
        foreach (var (name, ticks) in s_units.Skip(1))
        {
            if (rest / ticks > 0)
            {
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{rest / ticks}{name}"));
                rest %= ticks;
            }
        }

        return parts.Count == 0 ? "0s" : string.Join(' ', parts);
    }

    private static bool TryTake(ref ReadOnlySpan<char> rest, out long ticks)
    {
        ticks = 0;
        var digits = rest.IndexOfAnyExceptInRange('0', '9');
        if (digits <= 0 || !long.TryParse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return false;
        }

        rest = rest[digits..].TrimStart(' ');
        var letters = rest.IndexOfAnyExceptInRange('a', 'z');
        var name = letters < 0 ? rest : rest[..letters];
        rest = rest[name.Length..].TrimStart(' ');
        foreach (var unit in s_units)
        {
            if (name.SequenceEqual(unit.Name) || (unit.Name == "min" && name.SequenceEqual("m")))
            {
                ticks = count <= TimeSpan.MaxValue.Ticks / unit.Ticks ? count * unit.Ticks : -1;
                return ticks >= 0;
            }
        }

        return false;
    }
}
