using System.Collections.ObjectModel;
using NixStore.Engine.Database;

namespace NixStore.Engine.Salvage;

/// <summary>Rows of <c>ValidPaths</c>, and what its index by path knows of them.</summary>
internal sealed class PathPool(StoreDirectory directory)
{
    // Columns came to the end of the table over the years; rows keep the number that they were written with.
    private const int FewestColumns = 4;
    private const int MostColumns = 9;

    private readonly List<PathCandidate> _rows = [];
    private readonly Dictionary<long, PathCandidate> _byId = [];

    // What the index knows and the table does not.
    private readonly Dictionary<long, (string Path, SalvagePlace Place)> _indexed = [];

    // How often the index agrees and disagrees with the table: another index may be where it was thought to be.
    private int _agreements;
    private int _contradictions;

    /// <summary>Takes a row of the table.</summary>
    internal bool TryAdd(long id, in Record record, SalvagePlace place, bool isStrict)
    {
        // The column of the id is an alias of the row id and NULL itself.
        if (record.Count is < FewestColumns or > MostColumns || !record.IsNull(0) || !record.TryText(1, out var path) || path.Length == 0)
        {
            return false;
        }

        var malformed = new List<string>();
        var row = new ForgottenRow
        {
            Outputs = ReadOnlyDictionary<string, string>.Empty,
            Path = path,
            Hash = Text(record, 2, "hash", malformed),
            RegistrationTime = Number(record, 3, "registrationTime", malformed) ?? 0,
            Deriver = Text(record, 4, "deriver", malformed),
            NarSize = Number(record, 5, "narSize", malformed),
            Ultimate = Number(record, 6, "ultimate", malformed),
            Signatures = Text(record, 7, "sigs", malformed),
            ContentAddress = Text(record, 8, "ca", malformed),
        };
        if (isStrict && (id <= 0 || malformed.Count > 0 || !IsBeyondDoubt(row)))
        {
            return false;
        }

        var candidate = new PathCandidate(id, row, place, malformed.Count == 0 ? [] : malformed)
        {
            IsIndexed = _indexed.TryGetValue(id, out var indexed) && indexed.Path == path,
        };
        if (!_byId.TryGetValue(id, out var before))
        {
            _byId.Add(id, candidate);
        }
        else if (before.IsSameRow(candidate))
        {
            before.Place = place.Origin < before.Place.Origin ? place : before.Place;
            return true;
        }

        _rows.Add(candidate);
        return true;
    }

    /// <summary>Takes an entry of the index.</summary>
    internal bool TryAddIndexed(in Record record, SalvagePlace place, bool isStrict)
    {
        if (record.Count != 2 || !record.TryText(0, out var path) || path.Length == 0 || !record.TryInteger(1, out var id)
            || (isStrict && !directory.TryParse(path, out _)))
        {
            return false;
        }

        var isKnown = _byId.TryGetValue(id, out var row);
        if (isKnown && row!.Row.Path == path)
        {
            row.IsIndexed = true;
            _agreements++;
            return true;
        }

        _contradictions += isKnown ? 1 : 0;
        _indexed.TryAdd(id, (path, place));
        return true;
    }

    /// <summary>Chooses one row for each id and each path, the most trustworthy.</summary>
    /// <param name="others">The rows that were not chosen, most trustworthy first.</param>
    internal List<PathCandidate> Choose(out List<PathCandidate> others)
    {
        var found = _rows.Where(row => row.IsIndexed).Select(row => row.Id).ToHashSet();
        var known = _indexed.Where(entry => !found.Contains(entry.Key) && _contradictions <= _agreements)
            .Select(entry => new PathCandidate(entry.Key, new ForgottenRow { Path = entry.Value.Path }, entry.Value.Place, []) { IsIndexed = true });
        var ids = new HashSet<long>();
        var paths = new HashSet<string>(StringComparer.Ordinal);
        var chosen = new List<PathCandidate>();
        others = [];
        foreach (var row in _rows.Concat(known).OrderBy(row => row.Rank))
        {
            if (!ids.Contains(row.Id) && paths.Add(row.Row.Path))
            {
                ids.Add(row.Id);
                chosen.Add(row);
            }
            else
            {
                others.Add(row);
            }
        }

        return chosen;
    }

    private static string? Text(in Record record, int column, string name, List<string> malformed)
    {
        if (record.TryText(column, out var text))
        {
            return text;
        }

        if (!record.IsNull(column))
        {
            malformed.Add(name);
        }

        return null;
    }

    private static long? Number(in Record record, int column, string name, List<string> malformed)
    {
        if (record.TryInteger(column, out var number))
        {
            return number;
        }

        if (!record.IsNull(column))
        {
            malformed.Add(name);
        }

        return null;
    }

    private bool IsBeyondDoubt(ForgottenRow row) => directory.TryParse(row.Path, out _)
        && NixHash.TryParse(row.Hash, out var hash) && hash.Algorithm == NixHashAlgorithm.Sha256
        && row.RegistrationTime >= 0
        && row.NarSize is null or >= 0
        && (row.Deriver is null || directory.TryParse(row.Deriver, out _))
        && IsPrintable(row.Signatures)
        && IsPrintable(row.ContentAddress);

    private static bool IsPrintable(string? text) => text is null || !text.AsSpan().ContainsAnyExceptInRange(' ', '~');
}
