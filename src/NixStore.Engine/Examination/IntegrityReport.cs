using System.Globalization;
using System.Text.RegularExpressions;

namespace NixStore.Engine.Examination;

/// <summary>
/// What SQLite's integrity_check says, sorted: thousands of lines may be about one index. SQLite has no other form for it than text
/// (sqlite3 btree.c and pragma.c), and its wording differs a little between versions: what is not known is told as it is.
/// </summary>
internal sealed partial class IntegrityReport
{
    private readonly SortedDictionary<string, Lines> _indices = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, Lines> _trees = [];
    private readonly SortedDictionary<string, Lines> _others = new(StringComparer.Ordinal);
    private readonly List<string> _lostPages = [];

    /// <summary>Lines about the indices that contradict their tables, by index.</summary>
    internal IEnumerable<KeyValuePair<string, Lines>> Indices => _indices;

    /// <summary>Lines about the structure of a table or an index, by its root page.</summary>
    internal IEnumerable<KeyValuePair<long, Lines>> Trees => _trees;

    /// <summary>All other lines; each kind of them once, with its number.</summary>
    internal IEnumerable<Lines> Others => _others.Values;

    /// <summary>Numbers of the pages that belong to nothing.</summary>
    internal IReadOnlyList<string> LostPages => _lostPages;

    /// <summary>Takes a row of integrity_check's answer.</summary>
    internal void Add(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            if (line.Length > 0 && line != "ok" && !line.StartsWith("*** in database", StringComparison.Ordinal))
            {
                AddLine(line);
            }
        }
    }

    private void AddLine(string line)
    {
        if (LostPage().Match(line) is { Success: true } lost)
        {
            _lostPages.Add(lost.Groups[1].Value);
        }
        else if (Tree().Match(line) is { Success: true } tree)
        {
            Of(_trees, long.Parse(tree.Groups[1].ValueSpan, CultureInfo.InvariantCulture)).Add(line);
        }
        else if (Index().Match(line) is { Success: true } index)
        {
            Of(_indices, index.Groups[1].Value).Add(line);
        }
        else if (!RowValue().IsMatch(line))
        {
            Of(_others, Number().Replace(line, "#")).Add(line);
        }
    }

    private static Lines Of<TKey>(SortedDictionary<TKey, Lines> all, TKey key)
        where TKey : notnull
    {
        if (!all.TryGetValue(key, out var lines))
        {
            all.Add(key, lines = new Lines());
        }

        return lines;
    }

    [GeneratedRegex("^Page ([0-9]+)(?: is|:) never used$")]
    private static partial Regex LostPage();

    [GeneratedRegex("^Tree ([0-9]+) ")]
    private static partial Regex Tree();

    [GeneratedRegex(@" index (\S+)$")]
    private static partial Regex Index();

    // These are looked at row by row.
    [GeneratedRegex(@"^(?:NULL|NUMERIC|TEXT) value in ValidPaths\.")]
    private static partial Regex RowValue();

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number();

    /// <summary>Lines about the same thing.</summary>
    internal sealed class Lines
    {
        private string _first = "";
        private int _count;

        internal void Add(string line)
        {
            _first = _count == 0 ? line : _first;
            _count++;
        }

        /// <summary>The first one, and how many there are beside it.</summary>
        public override string ToString() => _count == 1 ? _first : $"{_first}, and {_count - 1} more";
    }
}
