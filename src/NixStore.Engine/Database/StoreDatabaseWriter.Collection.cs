using Microsoft.Data.Sqlite;

namespace NixStore.Engine.Database;

/// <summary>What a collection asks of the database: all of it at one moment, and to forget paths.</summary>
public sealed partial class StoreDatabaseWriter
{
    /// <summary>Forgets paths in one transaction, which is on the disk when this returns (Nix libstore/local-store.cc:invalidatePath).</summary>
    /// <param name="rows">Ids of their rows, referrers before what they refer to.</param>
    /// <returns>Those that are still there, because something else refers to them.</returns>
    /// <exception cref="StoreDatabaseException"/>
    public IReadOnlyList<long> Forget(IReadOnlyCollection<long> rows)
    {
        var refused = new List<long>();
        InTransaction(() =>
        {
            refused.Clear();
            using var statement = new Statement(_connection, "delete from ValidPaths where id = ?");
            foreach (var row in rows)
            {
                try
                {
                    statement.With(row).Step();
                }
                catch (SqliteException error) when (error.SqliteErrorCode == SQLitePCL.raw.SQLITE_CONSTRAINT)
                {
                    refused.Add(row);
                }
            }
        });
        return refused;
    }

    /// <summary>All that the database knows of some paths; ids without a row are left out.</summary>
    /// <exception cref="StoreDatabaseException"/>
    public IReadOnlyList<ForgottenRow> ReadRows(IReadOnlyCollection<long> ids) => Read(CancellationToken.None, () =>
    {
        using var row = new Statement(
            _connection, "select path, hash, registrationTime, deriver, narSize, ultimate, sigs, ca from ValidPaths where id = ?");
        using var reference = new Statement(
            _connection, "select p.path from Refs r join ValidPaths p on p.id = r.reference where r.referrer = ?");
        using var output = new Statement(_connection, "select id, path from DerivationOutputs where drv = ? order by id");
        return ids.Select(id => TryReadRow(id, row, reference, output)).OfType<ForgottenRow>().ToList();
    });

    /// <summary>Puts rows back in one transaction; those whose path is registered by now are left as they are.</summary>
    /// <returns>The paths that were put back.</returns>
    /// <exception cref="StoreDatabaseException">ReferenceNotValid: what one of them refers to is not registered and not among them.</exception>
    public IReadOnlyList<string> Remember(IReadOnlyCollection<ForgottenRow> rows)
    {
        var remembered = new List<string>();
        InTransaction(() =>
        {
            remembered.Clear();
            foreach (var row in rows)
            {
                if (Insert(row) > 0)
                {
                    remembered.Add(row.Path);
                }
            }

            var inserted = remembered.ToHashSet(StringComparer.Ordinal);
            foreach (var row in rows.Where(row => inserted.Contains(row.Path)))
            {
                foreach (var reference in row.References)
                {
                    AddReference(row.Path, reference);
                }
            }
        });
        return remembered;
    }

    /// <summary>
    /// Makes every commit from now on wait for the disk: who deletes files after their rows must not find the rows back after a power failure.
    /// </summary>
    /// <exception cref="StoreDatabaseException"/>
    public void CommitToDisk() => Read(CancellationToken.None, () => Execute("pragma synchronous = full"));

    /// <summary>Reads as much as wanted from one state of the database.</summary>
    /// <exception cref="StoreDatabaseException"/>
    internal T ReadConsistently<T>(Func<SqliteConnection, T> read, CancellationToken cancellation) => Read(cancellation, () =>
    {
        using var transaction = _connection.BeginTransaction(deferred: true);
        return read(_connection);
    });

    private static ForgottenRow? TryReadRow(long id, Statement row, Statement reference, Statement output)
    {
        if (!row.With(id).Step())
        {
            return null;
        }

        return new ForgottenRow
        {
            Path = row.Text(0) ?? "",
            Hash = row.Text(1),
            RegistrationTime = row.Int64(2),
            Deriver = row.Text(3),
            NarSize = row.IsNull(4) ? null : row.Int64(4),
            Ultimate = row.IsNull(5) ? null : row.Int64(5),
            Signatures = row.Text(6),
            ContentAddress = row.Text(7),
            References = [.. Texts(reference.With(id), 0)],
            Outputs = Pairs(output.With(id)),
        };

        static IEnumerable<string> Texts(Statement statement, int column)
        {
            while (statement.Step())
            {
                yield return statement.Text(column) ?? "";
            }
        }

        static Dictionary<string, string> Pairs(Statement statement)
        {
            var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
            while (statement.Step())
            {
                pairs[statement.Text(0) ?? ""] = statement.Text(1) ?? "";
            }

            return pairs;
        }
    }

    private int Insert(ForgottenRow row)
    {
        var added = Execute(
            "insert or ignore into ValidPaths (path, hash, registrationTime, deriver, narSize, ultimate, sigs, ca) "
            + "values ($path, $hash, $time, $deriver, $size, $ultimate, $sigs, $ca)",
            Values(row));
        if (added > 0)
        {
            AddOutputs(row);
        }

        return added;
    }

    private void AddOutputs(ForgottenRow row)
    {
        foreach (var (name, path) in row.Outputs)
        {
            Execute("insert or replace into DerivationOutputs (drv, id, path) select id, $output, $outputPath from ValidPaths where path = $path",
                ("$output", name), ("$outputPath", path), ("$path", row.Path));
        }
    }

    private static (string Name, object Value)[] Values(ForgottenRow row)
    {
        return
        [
            ("$path", row.Path), ("$hash", OrNull(row.Hash)), ("$time", row.RegistrationTime), ("$deriver", OrNull(row.Deriver)),
            ("$size", OrNull(row.NarSize)), ("$ultimate", OrNull(row.Ultimate)), ("$sigs", OrNull(row.Signatures)), ("$ca", OrNull(row.ContentAddress)),
        ];

        static object OrNull(object? value) => value ?? DBNull.Value;
    }

    private T Read<T>(CancellationToken cancellation, Func<T> read)
    {
        lock (_gate)
        {
            using var interruption = cancellation.Register(() => SQLitePCL.raw.sqlite3_interrupt(_connection.Handle));
            try
            {
                return read();
            }
            catch (SqliteException error)
            {
                cancellation.ThrowIfCancellationRequested();
                throw StoreDatabaseException.From(error, _store.DatabasePath);
            }
        }
    }
}
