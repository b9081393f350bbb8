using System.Globalization;
using System.Text;

namespace NixStore.Engine.Tests.Laboratory;

/// <summary>Takes a command line of a unit apart as systemd does: quotes and C escapes, then specifiers, then variables in the arguments.</summary>
public static class SystemdLine
{
    /// <summary>The program and its arguments.</summary>
    public static IReadOnlyList<string> Split(string line)
    {
        var words = new List<string>();
        var position = 0;
        while (TakeWord(line, ref position) is { } word)
        {
            Assert.False(word == ";", "a lone semicolon would begin another command");
            var text = ExpandSpecifiers(word);
            words.Add(words.Count == 0 ? text : ExpandVariables(text));
        }

        return words;
    }

    /// <summary>The value of a setting in a unit's text.</summary>
    public static string Setting(string unit, string key)
        => Assert.Single(unit.Split('\n'), line => line.StartsWith($"{key}=", StringComparison.Ordinal))[(key.Length + 1)..];

    private static string? TakeWord(string line, ref int position)
    {
        while (position < line.Length && line[position] == ' ')
        {
            position++;
        }

        if (position == line.Length)
        {
            return null;
        }

        var word = new StringBuilder();
        var quote = '\0';
        for (; position < line.Length && (quote != '\0' || line[position] != ' '); position++)
        {
            var character = line[position];
            if (character == '\\')
            {
                word.Append(TakeEscape(line, ref position));
            }
            else if (character == quote)
            {
                quote = '\0';
            }
            else if (quote == '\0' && character is '"' or '\'')
            {
                quote = character;
            }
            else
            {
                word.Append(character);
            }
        }

        Assert.Equal('\0', quote);
        return word.ToString();
    }

    private static char TakeEscape(string line, ref int position) => line[++position] switch
    {
        'n' => '\n',
        't' => '\t',
        's' => ' ',
        'x' => (char)int.Parse(line.AsSpan(position += 2, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
        var other and ('\\' or '"' or '\'') => other,
        var other => throw new FormatException($"systemd knows no \\{other}"),
    };

    private static string ExpandSpecifiers(string word)
    {
        Assert.DoesNotContain("%", word.Replace("%%", "", StringComparison.Ordinal), StringComparison.Ordinal);
        return word.Replace("%%", "%", StringComparison.Ordinal);
    }

    private static string ExpandVariables(string word)
    {
        Assert.DoesNotContain("$", word.Replace("$$", "", StringComparison.Ordinal), StringComparison.Ordinal);
        return word.Replace("$$", "$", StringComparison.Ordinal);
    }
}
