using System.Security.Cryptography;
using System.Text;

namespace NixStore.Engine.Maintenance;

/// <summary>
/// A text file that says of itself that this product made it, with which parameters, and by a digest whether anybody has changed it since.
/// </summary>
internal sealed class SealedText
{
    internal const string Marker = "# Made by NixStore: Register-StoreMaintenance";
    private const string KeyPrefix = "X-NixStore-";
    private const string DigestKey = KeyPrefix + "Digest=";

    private SealedText(bool isChanged, IReadOnlyDictionary<string, string> parameters) => (IsChanged, Parameters) = (isChanged, parameters);

    /// <summary>True when it is not as it was made.</summary>
    internal bool IsChanged { get; }

    /// <summary>The parameters in it, by name.</summary>
    internal IReadOnlyDictionary<string, string> Parameters { get; }

    /// <summary>The line of a parameter.</summary>
    internal static string Line(string name, string value) => $"{KeyPrefix}{name}={QuotedText.Write(value)}";

    /// <summary>Puts the marker first and the digest of everything before it last.</summary>
    /// <param name="body">Whole lines.</param>
    /// <param name="comment">What turns the digest's line into one that the reader of the file passes over.</param>
    internal static string Make(string body, string comment)
    {
        var text = $"{Marker}\n{body}";
        return $"{text}{comment}{DigestKey}{DigestOf(text)}\n";
    }

    /// <summary>Reads a file; null when it is none of ours.</summary>
    internal static SealedText? Read(string text)
    {
        if (!text.StartsWith(Marker + "\n", StringComparison.Ordinal))
        {
            return null;
        }

        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n').Select(line => line.StartsWith("# ", StringComparison.Ordinal) ? line[2..] : line)
            .Where(line => line.StartsWith(KeyPrefix, StringComparison.Ordinal)))
        {
            var equals = line.IndexOf('=');
            if (equals > 0 && QuotedText.TryRead(line[(equals + 1)..], out var value))
            {
                parameters[line[KeyPrefix.Length..equals]] = value;
            }
        }

        return new SealedText(!IsIntact(text), parameters);
    }

    private static bool IsIntact(string text)
    {
        var start = text.TrimEnd('\n').LastIndexOf('\n') + 1;
        var line = text[start..];
        var body = text[..start];
        return line == $"{DigestKey}{DigestOf(body)}\n" || line == $"# {DigestKey}{DigestOf(body)}\n";
    }

    private static string DigestOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
