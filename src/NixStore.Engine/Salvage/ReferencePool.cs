namespace NixStore.Engine.Salvage;

/// <summary>Rows of <c>Refs</c>, from the table and from the index of its primary key.</summary>
internal sealed class ReferencePool
{
    private static readonly Comparer<SalvagedReference> s_byIds = Comparer<SalvagedReference>.Create(
        (one, other) => (one.Referrer, one.Reference).CompareTo((other.Referrer, other.Reference)));

    private static readonly Comparer<SalvagedReference> s_byIdsAndTrust = Comparer<SalvagedReference>.Create(
        (one, other) => (one.Referrer, one.Reference, (int)one.Origin).CompareTo((other.Referrer, other.Reference, (int)other.Origin)));

    private readonly List<SalvagedReference> _part = [];
    private List<SalvagedReference> _all = [];

    /// <summary>All of them by referrer and reference, once each, as of the last <see cref="EndPart"/>.</summary>
    internal IReadOnlyList<SalvagedReference> All => _all;

    /// <summary>Takes a row whose first two columns are the ids.</summary>
    internal bool TryAdd(in Record record, SalvageOrigin origin, int columns, bool isStrict)
    {
        if (record.Count != columns || !record.TryInteger(0, out var referrer) || !record.TryInteger(1, out var reference)
            || (isStrict && (referrer <= 0 || reference <= 0)))
        {
            return false;
        }

        // The index repeats what the table says.
        var found = new SalvagedReference(referrer, reference, origin);
        if (_all.BinarySearch(found, s_byIds) < 0)
        {
            _part.Add(found);
        }

        return true;
    }

    /// <summary>Puts what was found since the last call in order.</summary>
    internal void EndPart()
    {
        if (_part.Count == 0)
        {
            return;
        }

        _all.AddRange(_part);
        _all.Sort(s_byIdsAndTrust);
        _part.Clear();
        var distinct = new List<SalvagedReference>(_all.Count);
        foreach (var reference in _all)
        {
            if (distinct.Count == 0 || s_byIds.Compare(distinct[^1], reference) != 0)
            {
                distinct.Add(reference);
            }
        }

        _all = distinct;
    }

    /// <summary>The references of one row.</summary>
    internal IEnumerable<SalvagedReference> Of(long referrer)
    {
        var first = _all.BinarySearch(new SalvagedReference(referrer, long.MinValue, default), s_byIds);
        for (var i = first < 0 ? ~first : first; i < _all.Count && _all[i].Referrer == referrer; i++)
        {
            yield return _all[i];
        }
    }
}
