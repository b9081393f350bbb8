namespace NixStore.Engine.Salvage;

/// <summary>Rows of <c>DerivationOutputs</c>, from the table and from its two indices, which together have all of it.</summary>
internal sealed class OutputPool(StoreDirectory directory)
{
    private readonly Dictionary<long, Dictionary<string, SalvagedOutput>> _outputs = [];
    private readonly HashSet<long> _rowIds = [];
    private readonly Dictionary<long, (long Derivation, string Name)> _names = [];
    private readonly Dictionary<long, string> _paths = [];

    /// <summary>All of them.</summary>
    internal IEnumerable<SalvagedOutput> All => _outputs.Values.SelectMany(outputs => outputs.Values);

    /// <summary>Takes a row of the table.</summary>
    internal bool TryAdd(long rowId, in Record record, SalvageOrigin origin, bool isStrict)
    {
        if (record.Count != 3 || !record.TryInteger(0, out var derivation) || !record.TryText(1, out var name) || !record.TryText(2, out var path)
            || (isStrict && !(rowId > 0 && derivation > 0 && StorePath.IsValidName(name, out _) && directory.TryParse(path, out _))))
        {
            return false;
        }

        if (origin == SalvageOrigin.Tree)
        {
            _rowIds.Add(rowId);
        }

        Add(new SalvagedOutput(derivation, name, path, origin));
        return true;
    }

    /// <summary>Takes an entry of the index by derivation and name.</summary>
    internal bool TryAddName(in Record record, bool isStrict)
    {
        if (record.Count != 3 || !record.TryInteger(0, out var derivation) || !record.TryText(1, out var name) || !record.TryInteger(2, out var rowId)
            || (isStrict && !(derivation > 0 && StorePath.IsValidName(name, out _))))
        {
            return false;
        }

        if (!_rowIds.Contains(rowId))
        {
            _names[rowId] = (derivation, name);
        }

        return true;
    }

    /// <summary>Takes an entry of the index by path.</summary>
    internal bool TryAddPath(in Record record, bool isStrict)
    {
        if (record.Count != 2 || !record.TryText(0, out var path) || !record.TryInteger(1, out var rowId)
            || (isStrict && !directory.TryParse(path, out _)))
        {
            return false;
        }

        if (!_rowIds.Contains(rowId))
        {
            _paths[rowId] = path;
        }

        return true;
    }

    /// <summary>Makes rows of what the two indices have and the table has not.</summary>
    internal void JoinIndices()
    {
        foreach (var (rowId, (derivation, name)) in _names)
        {
            if (_paths.TryGetValue(rowId, out var path))
            {
                Add(new SalvagedOutput(derivation, name, path, SalvageOrigin.Index));
            }
        }
    }

    /// <summary>The outputs of one derivation.</summary>
    internal IEnumerable<SalvagedOutput> Of(long derivation) => _outputs.TryGetValue(derivation, out var outputs) ? outputs.Values : [];

    private void Add(SalvagedOutput output)
    {
        if (!_outputs.TryGetValue(output.Derivation, out var outputs))
        {
            _outputs.Add(output.Derivation, outputs = new Dictionary<string, SalvagedOutput>(StringComparer.Ordinal));
        }

        if (!outputs.TryGetValue(output.Name, out var before) || output.Origin < before.Origin)
        {
            outputs[output.Name] = output;
        }
    }
}
