using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace NixStore.Engine.Overlay.Examination;

/// <summary>The layers of a mounted overlay, as its options name them.</summary>
/// <param name="Lowers">The lower directories, the topmost first.</param>
/// <param name="Upper">The upper directory; null for an overlay without.</param>
/// <param name="Work">The kernel's work directory; null for an overlay without an upper one.</param>
/// <param name="HasNewInterface">True when the lower directories were given one by one, as the kernel's new interface wants (<c>lowerdir+</c>).</param>
/// <param name="HasEscapes">True when a name had to be escaped.</param>
internal sealed partial record MountedLayers(IReadOnlyList<string> Lowers, string? Upper, string? Work, bool HasNewInterface, bool HasEscapes)
{
    /// <summary>Reads the options of a mount, as the kernel shows them.</summary>
    /// <remarks>Whoever mounts escapes separators with a backslash (<c>\:</c>); the kernel shows that backslash, blanks and commas as octal numbers.</remarks>
    internal static MountedLayers Parse(string options)
    {
        var given = options.Split(',').Select(option => option.Split('=', 2)).Where(option => option.Length == 2).ToList();
        var added = given.Where(option => option[0] is "lowerdir+" or "datadir+").Select(option => Decode(option[1])).ToList();
        var listed = given.Where(option => option[0] == "lowerdir").SelectMany(option => Split(Decode(option[1])));
        return new MountedLayers([.. listed, .. added], Single("upperdir"), Single("workdir"), added.Count > 0,
            given.Any(option => option[0] is "lowerdir" or "upperdir" && option[1].Contains('\\', StringComparison.Ordinal)));

        string? Single(string name) => given.LastOrDefault(option => option[0] == name) is [_, var value] ? string.Concat(Unescape(Decode(value))) : null;
    }

    private static string Decode(string value)
        => Octal().Replace(value, match => ((char)Convert.ToInt32(match.Groups[1].Value, 8)).ToString(CultureInfo.InvariantCulture));

    private static IEnumerable<string> Split(string value)
    {
        var layer = new StringBuilder();
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == ':')
            {
                yield return layer.ToString();
                layer.Clear();
                i += i + 1 < value.Length && value[i + 1] == ':' ? 1 : 0;
            }
            else
            {
                i += value[i] == '\\' && i + 1 < value.Length ? 1 : 0;
                layer.Append(value[i]);
            }
        }

        yield return layer.ToString();
    }

    private static IEnumerable<char> Unescape(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            i += value[i] == '\\' && i + 1 < value.Length ? 1 : 0;
            yield return value[i];
        }
    }

    [GeneratedRegex(@"\\([0-7]{3})")]
    private static partial Regex Octal();
}
