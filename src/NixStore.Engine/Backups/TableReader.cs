using Microsoft.Data.Sqlite;
using NixStore.Engine.Database;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Backups;

/// <summary>Reads the tables of a database that may be damaged, without its indices; see <see cref="CurrentRows"/>.</summary>
internal sealed class TableReader(
    SqliteConnection connection, StoreLocation store, Func<string, long, bool> isWanted, CancellationToken cancellation)
{
    private readonly Dictionary<long, string> _names = [];
    private readonly Dictionary<long, PathRow> _wanted = [];
    private readonly Dictionary<long, List<long>> _references = [];
    private readonly Dictionary<long, Dictionary<string, string>> _outputs = [];
    private readonly Dictionary<string, ForgottenRow> _rows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _unusable = new(StringComparer.Ordinal);
    private string? _failure;

    /// <summary>Reads all that can be read.</summary>
    internal CurrentRows Read()
    {
        // From the end as well, when the beginning leads to a damaged page: the newest rows are those that are missed most.
        if (!TryRead("select id, path, hash, registrationTime, deriver, narSize, ultimate, sigs, ca from ValidPaths not indexed order by id", AddRow))
        {
            TryRead("select id, path, hash, registrationTime, deriver, narSize, ultimate, sigs, ca from ValidPaths not indexed order by id desc", AddRow);
        }

        var knowsReferences = TryRead("select referrer, reference from Refs not indexed", AddReference);
        var knowsOutputs = TryRead("select drv, id, path from DerivationOutputs not indexed", AddOutput);
        foreach (var (id, row) in _wanted)
        {
            if (!knowsReferences || !knowsOutputs)
            {
                _unusable[row.Path] = $"the table of its {(knowsReferences ? "outputs" : "references")} is damaged";
            }
            else
            {
                Finish(id, row);
            }
        }

        return new CurrentRows
        {
            Paths = _names.Values.ToHashSet(StringComparer.Ordinal),
            Rows = _rows,
            Unusable = _unusable,
            Failure = _failure,
        };
    }

    private bool TryRead(string sql, Action<Statement> add)
    {
        try
        {
            using var row = new Statement(connection, sql);
            while (row.Step())
            {
                cancellation.ThrowIfCancellationRequested();
                add(row);
            }

            return true;
        }
        catch (SqliteException error) when (CurrentRows.IsDamage(StoreDatabaseException.From(error, store.DatabasePath)))
        {
            _failure ??= error.Message;
            return false;
        }
    }

    private void AddRow(Statement row)
    {
        var path = row.Text(1) ?? "";
        _names[row.Int64(0)] = path;
        if (!isWanted(path, row.Int64(3)))
        {
            return;
        }

        var malformed = new List<(string, string)>();
        _wanted[row.Int64(0)] = new PathRow
        {
            Id = row.Int64(0),
            Path = path,
            Hash = row.Text(2),
            RegistrationTime = Number(3),
            Deriver = row.Text(4),
            NarSize = Number(5),
            Ultimate = Number(6),
            Signatures = row.Text(7),
            ContentAddress = row.Text(8),
            MalformedColumns = malformed,
        };

        long? Number(int column) => PathRowReader.Number(row, column, at => malformed.Add((row.NameOf(at), row.Text(at) ?? "NULL")));
    }

    private void AddReference(Statement row)
    {
        if (_wanted.ContainsKey(row.Int64(0)))
        {
            GetOrAdd(_references, row.Int64(0)).Add(row.Int64(1));
        }
    }

    private void AddOutput(Statement row)
    {
        if (_wanted.ContainsKey(row.Int64(0)))
        {
            GetOrAdd(_outputs, row.Int64(0))[row.Text(1) ?? ""] = row.Text(2) ?? "";
        }
    }

    private void Finish(long id, PathRow row)
    {
        var references = _references.GetValueOrDefault(id, []);
        var problems = new List<StorePathProblem>();
        RowParser.Parse(row, store, problems);
        if (problems.Count > 0)
        {
            _unusable[row.Path] = $"its row is malformed: {problems[0].Detail}";
        }
        else if (references.FindIndex(reference => !_names.ContainsKey(reference)) is var index and >= 0)
        {
            _unusable[row.Path] = $"it refers to the row {references[index]}, which cannot be found";
        }
        else
        {
            _rows[row.Path] = new ForgottenRow
            {
                Path = row.Path,
                Hash = row.Hash,
                RegistrationTime = row.RegistrationTime ?? 0,
                Deriver = row.Deriver,
                NarSize = row.NarSize,
                Ultimate = row.Ultimate,
                Signatures = row.Signatures,
                ContentAddress = row.ContentAddress,
                References = [.. references.Select(reference => _names[reference])],
                Outputs = _outputs.GetValueOrDefault(id, []),
            };
        }
    }

    private static TValue GetOrAdd<TValue>(Dictionary<long, TValue> values, long key)
        where TValue : new()
    {
        if (!values.TryGetValue(key, out var value))
        {
            values.Add(key, value = new TValue());
        }

        return value;
    }
}
