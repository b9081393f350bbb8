using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace NixStore.Engine.Maintenance;

/// <summary>Text in double quotes, with a backslash before each quote and backslash: it has a beginning and an end, whatever is in it.</summary>
internal static class QuotedText
{
    internal static string Write(string text)
        => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    /// <summary>Reads what <see cref="Write"/> has written, and nothing else.</summary>
    internal static bool TryRead(string quoted, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (quoted.Length < 2 || quoted[0] != '"' || quoted[^1] != '"')
        {
            return false;
        }

        var plain = new StringBuilder(quoted.Length);
        for (var i = 1; i < quoted.Length - 1; i++)
        {
            if (quoted[i] == '"' || (quoted[i] == '\\' && ++i == quoted.Length - 1))
            {
                return false;
            }

            plain.Append(quoted[i]);
        }

        text = plain.ToString();
        return true;
    }
}
