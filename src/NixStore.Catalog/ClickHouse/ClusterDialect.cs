using System.Globalization;
using System.Text;
using NixStore.Catalog.Querying;

namespace NixStore.Catalog.ClickHouse;

/// <summary>The SQL of ClickHouse. Values are literals: old servers take no parameters.</summary>
internal sealed class ClusterDialect : SqlDialect
{
    // Servers read one text far faster than as many as there are in it.
    private const int LongList = 1000;

    /// <summary>The only one.</summary>
    internal static ClusterDialect Instance { get; } = new();

    /// <summary>A moment as tables have it: milliseconds, with a fraction where it is between two.</summary>
    internal static string Moment(DateTimeOffset time)
    {
        var ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
        return ticks % TimeSpan.TicksPerMillisecond == 0 ? (ticks / TimeSpan.TicksPerMillisecond).ToString(CultureInfo.InvariantCulture)
            : (ticks / TimeSpan.TicksPerMicrosecond / 1000m).ToString(CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    internal override string Value(object value) => value switch
    {
        string text => ClickHouseCluster.Quote(text),
        DateTimeOffset time => Moment(time),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <inheritdoc/>
    internal override string Match(string expression, string pattern)
        => !SqlWildcard.IsPattern(pattern) ? $"{expression} = {Value(pattern)}" : $"match({expression}, {Value(ToRegex(SqlWildcard.ToGlob(pattern)))})";

    /// <inheritdoc/>
    internal override string IsAnyOf(string expression, IReadOnlyList<string> texts) => texts.Count <= LongList ? $"{expression} IN ({string.Join(", ", texts.Select(Value))})"
        : $"{expression} IN (SELECT arrayJoin(splitByChar('\\n', {Value(string.Join('\n', texts.Where(text => !text.Contains('\n', StringComparison.Ordinal))))})))";

    /// <inheritdoc/>
    internal override string IsUnknownToHydra(string range) => ClusterSql.Of("unknown-to-hydra", ("range", range));

    /// <inheritdoc/>
    internal override string IsGivenPath(string expression) => $"{expression} IN (SELECT hash FROM {{given_paths_shard}})";

    /// <inheritdoc/>
    internal override string IsYoungNar(string expression) => $"ifNull({expression}, '') GLOBAL IN (SELECT key FROM {{young_nars}})";

    /// <summary>The embedded engine's wildcards, to the letter: a bracket that nobody closes matches nothing.</summary>
    private static string ToRegex(string glob)
    {
        var text = new StringBuilder("(?s)^");
        for (var i = 0; i < glob.Length; i++)
        {
            switch (glob[i])
            {
                case '*':
                    text.Append(".*");
                    break;
                case '?':
                    text.Append('.');
                    break;
                case '[':
                    i = AppendClass(text, glob, i + 1);
                    break;
                case '\\' when i + 1 < glob.Length:
                    AppendLiteral(text, glob[++i]);
                    break;
                default:
                    AppendLiteral(text, glob[i]);
                    break;
            }
        }

        return text.Append('$').ToString();
    }

    /// <summary>Appends what stands in brackets.</summary>
    /// <returns>Where the last one is.</returns>
    private static int AppendClass(StringBuilder text, string glob, int at)
    {
        const string none = @"[^\x00-\x{10FFFF}]";
        var isInverted = at < glob.Length && glob[at] == '!';
        var start = at += isInverted ? 1 : 0;
        var members = new StringBuilder();
        for (; at < glob.Length && (glob[at] != ']' || at == start) && at + 1 < glob.Length;)
        {
            var isRange = glob[at + 1] == '-';
            if (isRange && at + 2 >= glob.Length)
            {
                break;
            }

            var (least, most) = (glob[at], isRange ? glob[at + 2] : glob[at]);
            if (least <= most)
            {
                members.Append(CultureInfo.InvariantCulture, $"\\x{{{(int)least:x}}}-\\x{{{(int)most:x}}}");
            }

            at += isRange ? 3 : 1;
        }

        if (at >= glob.Length || glob[at] != ']' || at == start)
        {
            text.Append(none);
            return glob.Length;
        }

        text.Append(members.Length == 0 ? isInverted ? "." : none : $"[{(isInverted ? "^" : "")}{members}]");
        return at;
    }

    private static void AppendLiteral(StringBuilder text, char character)
        => text.Append(character < 128 && !char.IsAsciiLetterOrDigit(character) ? string.Create(CultureInfo.InvariantCulture, $"\\x{{{(int)character:x}}}") : character.ToString());
}
