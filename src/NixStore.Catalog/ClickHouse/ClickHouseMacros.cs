using System.Collections.Frozen;
using System.Text;
using System.Text.RegularExpressions;

namespace NixStore.Catalog.ClickHouse;

/// <summary>
/// The functions that every session of the embedded engine has (Sql/macros.sql), for a server that knows none of its own: a call is replaced by its expression, and
/// <c>true</c> and <c>false</c> by numbers. Texts, quoted names and comments stay as they are.
/// </summary>
internal static partial class ClickHouseMacros
{
    private static readonly FrozenDictionary<string, Macro> s_macros = Read();

    /// <summary>Replaces the calls in a text.</summary>
    internal static string Expand(string sql)
    {
        var result = new StringBuilder(sql.Length * 2);
        var tokens = Token().Matches(sql);
        for (var at = 0; at < tokens.Count; at++)
        {
            var text = tokens[at].Value;
            if (text is "true" or "false")
            {
                result.Append(text == "true" ? '1' : '0');
            }
            else if (s_macros.TryGetValue(text, out var macro) && Arguments(tokens, at + 1) is var (arguments, end) && arguments.Count == macro.Parameters.Length)
            {
                result.Append(macro.Call(arguments.ConvertAll(Expand)));
                at = end;
            }
            else
            {
                result.Append(text);
            }
        }

        return result.ToString();
    }

    /// <summary>What stands between the parentheses behind a name, and where the last one is; null when there are none.</summary>
    private static (List<string> Arguments, int End)? Arguments(MatchCollection tokens, int at)
    {
        if (at >= tokens.Count || tokens[at].Value != "(")
        {
            return null;
        }

        var arguments = new List<string>();
        var argument = new StringBuilder();
        for (var depth = 0; at < tokens.Count; at++)
        {
            var text = tokens[at].Value;
            depth += text is "(" or "[" ? 1 : text is ")" or "]" ? -1 : 0;
            if (depth == 0)
            {
                arguments.Add(argument.ToString());
                return (arguments, at);
            }

            if (depth == 1 && text == ",")
            {
                arguments.Add(argument.ToString());
                argument.Clear();
            }
            else if (depth > 1 || text != "(")
            {
                argument.Append(text);
            }
        }

        return null;
    }

    private static FrozenDictionary<string, Macro> Read()
        => Definition().Matches(ClusterSql.Of("macros")).ToFrozenDictionary(
            match => match.Groups[1].Value, match => new Macro(match.Groups[2].Value.Split(", "), match.Groups[3].Value.Trim()), StringComparer.Ordinal);

    // A text, a quoted name, a comment, a word, or any one character.
    [GeneratedRegex(@"'(?:[^'\\]|\\.|'')*'|""(?:[^""\\]|\\.|"""")*""|`[^`]*`|--[^\n]*|/\*.*?\*/|[A-Za-z_][A-Za-z0-9_]*|.", RegexOptions.Singleline)]
    private static partial Regex Token();

    [GeneratedRegex(@"^(\w+)\(([\w, ]+)\) =(.*?);$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Definition();

    private sealed record Macro(string[] Parameters, string Expression)
    {
        /// <summary>The expression with arguments in the place of the parameters.</summary>
        internal string Call(List<string> arguments)
        {
            var text = new StringBuilder("(");
            foreach (var token in Token().Matches(Expand(Expression)).Select(match => match.Value))
            {
                text.Append(Array.IndexOf(Parameters, token) is >= 0 and var place ? $"({arguments[place].Trim()})" : token);
            }

            return text.Append(')').ToString();
        }
    }
}
