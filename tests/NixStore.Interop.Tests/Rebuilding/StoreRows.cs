using NixStore.Engine.Database;
using NixStore.Engine.Stores;

namespace NixStore.Interop.Tests.Rebuilding;

/// <summary>All rows of a database by path, as text that can be compared.</summary>
internal sealed class StoreRows
{
    private readonly SortedDictionary<string, ForgottenRow> _rows = new(StringComparer.Ordinal);

    private StoreRows()
    {
    }

    internal IReadOnlyCollection<string> Paths => _rows.Keys;

    internal ForgottenRow this[string path] => _rows[path];

    internal static StoreRows Read(StoreLocation store)
    {
        var rows = new StoreRows();
        using var database = StoreDatabase.OpenForReading(store);
        foreach (var row in database.ReadPaths())
        {
            rows._rows.Add(row.Path, new ForgottenRow
            {
                Path = row.Path, Hash = row.Hash, RegistrationTime = row.RegistrationTime ?? 0, Deriver = row.Deriver, NarSize = row.NarSize,
                Ultimate = row.Ultimate, Signatures = row.Signatures, ContentAddress = row.ContentAddress, References = row.References,
                Outputs = row.Path.EndsWith(".drv", StringComparison.Ordinal) ? database.FindOutputs(row.Path) : new Dictionary<string, string>(),
            });
        }

        return rows;
    }

    /// <summary>What must come back of a row: path, hash, size, references, outputs, content address.</summary>
    internal string Essence(string path)
    {
        var row = _rows[path];
        return $"{row.Path} {row.Hash} {row.NarSize} ca {row.ContentAddress}"
            + $" refs {string.Join(' ', row.References.Order(StringComparer.Ordinal))}"
            + $" outputs {string.Join(' ', row.Outputs.OrderBy(output => output.Key, StringComparer.Ordinal).Select(output => $"{output.Key}={output.Value}"))}";
    }

    /// <summary>What must come back of all rows.</summary>
    internal IReadOnlyList<string> Essences() => [.. _rows.Keys.Select(Essence)];

    /// <summary>All that a path needs, itself included.</summary>
    internal IReadOnlyList<string> Closure(string path)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        var pending = new Stack<string>([path]);
        while (pending.TryPop(out var next))
        {
            if (found.Add(next))
            {
                foreach (var reference in _rows[next].References)
                {
                    pending.Push(reference);
                }
            }
        }

        return [.. found];
    }
}
