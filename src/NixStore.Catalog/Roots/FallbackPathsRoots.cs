using System.Text.RegularExpressions;

namespace NixStore.Catalog.Roots;

/// <summary>
/// The <c>fallback-paths.nix</c> of a release of Nix: an attribute set of one store path a system. Nothing is evaluated: what is not of exactly this
/// form is refused.
/// </summary>
public static partial class FallbackPathsRoots
{
    private enum Place
    {
        Before,
        Inside,
        Behind,
    }

    /// <summary>Reads one; it is taken whole or not at all.</summary>
    /// <param name="address">A path or <c>http(s)://…</c>.</param>
    /// <param name="directory">The store directory of the catalog.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="NixStoreException">As of <see cref="StorePathListRoots.Read"/>.</exception>
    public static RootList Read(string address, StoreDirectory directory, CancellationToken cancellation = default)
    {
        var source = RootDocument.NameOf(address);
        var paths = new List<StorePath>();
        var systems = new HashSet<string>(StringComparer.Ordinal);
        var place = Place.Before;
        foreach (var (number, line) in RootDocument.Read(address, cancellation))
        {
            var text = line.Trim(' ');
            if (text.Length == 0)
            {
                continue;
            }

            switch (place, text)
            {
                case (Place.Before, "{"):
                    place = Place.Inside;
                    break;
                case (Place.Inside, "}"):
                    place = Place.Behind;
                    break;
                case (Place.Inside, _) when Entry().Match(text) is { Success: true } entry:
                    var (path, reason) = Parse(entry, systems, directory);
                    paths.Add(path ?? throw RootErrors.Line(source, number, line, reason));
                    break;
                default:
                    throw RootErrors.Line(source, number, line, place switch
                    {
                        Place.Before => "it should be '{'",
                        Place.Inside => "it should be system = \"/nix/store/…\"; or '}'",
                        _ => "nothing should follow '}'",
                    });
            }
        }

        return place != Place.Behind ? throw RootErrors.Whole(source, place == Place.Before ? "it is empty" : "it ends before '}'")
            : paths.Count > 0 ? new RootList(BinaryCacheRootKind.FallbackPaths, source, paths) : throw RootErrors.Empty(source);
    }

    private static (StorePath? Path, string Reason) Parse(Match entry, HashSet<string> systems, StoreDirectory directory)
    {
        var text = entry.Groups["path"].Value;
        return !systems.Add(entry.Groups["system"].Value) ? (null, "its system is named twice")
            : directory.TryParse(text, out var path) ? (path, "")
            : (null, text.StartsWith(directory.Path + "/", StringComparison.Ordinal) ? "it names no store path" : $"it names what is not in {directory}, the store directory of the catalog");
    }

    [GeneratedRegex("""^(?<system>[A-Za-z_][A-Za-z0-9_'-]*) *= *"(?<path>[^"\\$]*)" *;\z""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Entry();
}
