using Microsoft.Data.Sqlite;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Database;

/// <summary>
/// Reads a store's database beside whoever writes it, from snapshots and from read-only media, and changes nothing
/// (see <see cref="DatabaseAccess"/>). Tolerates unknown tables, migrations, NULLs and malformed values.
/// Not safe for use by several threads at once.
/// </summary>
public sealed partial class StoreDatabase : IDisposable
{
    private const string Columns = "id, path, hash, registrationTime, deriver, narSize, ultimate, sigs, ca";

    /// <summary>Rows that are read at once: no transaction stays open while they are worked on.</summary>
    private const int RowsAtOnce = 250;

    private const int Attempts = 8;

    private const int BusyMilliseconds = 30_000;

    // The select makes sure that it is a store's database. References jump about: their pages are worth 16 MiB.
    private const string Opening = "pragma cache_size = -16384; select id from ValidPaths limit 1";

    // A schema that may be written is one that SQLite reads in spite of damage, even from a file that ends too early.
    private const string UncheckedOpening = "pragma writable_schema = on";

    private readonly DatabaseFiles _files;
    private readonly string _opening;
    private DatabaseAccess _access;
    private SqliteConnection _connection;
    private LowerRows? _lower;
    private PathNames _names;
    private ListStatements _statements;
    private bool _isDisposed;

    private StoreDatabase(StoreLocation store, DatabaseFiles files, string opening)
    {
        Store = store;
        _files = files;
        _opening = opening;
        (_access, _connection, _lower) = Connect(store, files, opening);
        _names = new PathNames(_connection);
        _statements = new ListStatements(_connection, Columns, RowsAtOnce, _lower is not null);
    }

    /// <summary>The store it belongs to.</summary>
    public StoreLocation Store { get; }

    /// <summary>True when the rows come from a scratch copy, because a log had to be recovered that must not be touched.</summary>
    public bool IsCopy => _access.IsCopy;

    /// <summary>Opens the database of a store for reading; of an overlay store, the lower store's rows with it (<see cref="LowerRows"/>).</summary>
    /// <exception cref="StoreDatabaseException">DatabaseNotFound, DatabaseEmpty, DatabaseMalformed, DatabaseBusy, SchemaTooNew</exception>
    /// <exception cref="StoreIOException"/>
    public static StoreDatabase OpenForReading(StoreLocation store)
    {
        SchemaFile.EnsureReadable(store);
        return Open(store, Opening);
    }

    /// <summary>
    /// Opens whatever is there, to find out what is wrong with it: neither the schema file nor a table is looked at, so that damage is the
    /// error of the question that meets it.
    /// </summary>
    /// <exception cref="StoreDatabaseException">DatabaseNotFound, DatabaseEmpty, DatabaseBusy</exception>
    /// <exception cref="StoreIOException"/>
    internal static StoreDatabase OpenUnchecked(StoreLocation store) => Open(store.Own, UncheckedOpening);

    /// <summary>Number of registered paths.</summary>
    /// <exception cref="StoreDatabaseException"/>
    public long CountPaths() => Guard(() =>
    {
        using var command = Command("select count(*) from ValidPaths");
        return (long)command.ExecuteScalar()!;
    });

    /// <summary>
    /// All rows with their references, in the order of registration, streamed. Whoever takes long over them sees rows that were added
    /// or changed meanwhile, and not those that were deleted.
    /// </summary>
    /// <exception cref="StoreDatabaseException">DatabaseMalformed, DatabaseChanged</exception>
    public IEnumerable<PathRow> ReadPaths()
    {
        long? after = null;
        List<PathRow> rows;
        do
        {
            rows = Guard(() => ReadPaths(after));
            foreach (var row in rows)
            {
                after = row.Id;
                yield return row;
            }
        }
        while (rows.Count == RowsAtOnce);
    }

    /// <summary>Ids and registered sizes of all paths, without the rest of the rows.</summary>
    /// <exception cref="StoreDatabaseException"/>
    public IReadOnlyList<(long Id, long NarSize)> ReadSizes() => Guard(() =>
    {
        using var row = new Statement(_connection, "select id, narSize from ValidPaths");
        var sizes = new List<(long, long)>();
        while (row.Step())
        {
            sizes.Add((row.Int64(0), PathRowReader.Number(row, 1, null) ?? 0));
        }

        return sizes;
    });

    /// <summary>True when a full logical path has a row.</summary>
    /// <exception cref="StoreDatabaseException"/>
    public bool IsRegistered(string path) => Guard(() =>
    {
        using var row = new Statement(_connection, "select 1 from ValidPaths where path = ?").With(path);
        return row.Step();
    });

    /// <summary>The row of an id, or null.</summary>
    /// <exception cref="StoreDatabaseException"/>
    public PathRow? Find(long id) => FindWhere("id = ?", id);

    /// <summary>The row of a full logical path, or null.</summary>
    /// <exception cref="StoreDatabaseException"/>
    public PathRow? Find(string path) => FindWhere("path = ?", path);

    /// <summary>The row whose path begins with a hash part, or null.</summary>
    /// <exception cref="StoreDatabaseException"/>
    public PathRow? FindByHashPart(string hashPart)
    {
        var prefix = $"{Store.Directory.Path}/{hashPart}";
        var row = FindWhere("path >= ? order by path limit 1", prefix);
        return row?.Path.StartsWith(prefix, StringComparison.Ordinal) == true ? row : null;
    }

    /// <summary>
    /// Base names that begin with <paramref name="text"/>, or else those whose name after the hash part does; few, for completion.
    /// </summary>
    /// <param name="text">The beginning of a base name or of a name.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="patience">When it is over, what was found by then is the answer.</param>
    /// <exception cref="StoreDatabaseException"/>
    public IReadOnlyList<string> FindNames(string text, int limit, CancellationToken patience)
    {
        var prefix = Store.Directory.Path + "/";
        var names = new List<string>();
        using var interruption = patience.Register(() => SQLitePCL.raw.sqlite3_interrupt(_connection.Handle));
        try
        {
            Add("select path from ValidPaths where path >= $prefix || $text and path < $prefix || $text || char(0x10ffff) limit $limit");
            if (names.Count == 0)
            {
                Add("select path from ValidPaths where substr(path, $skip, length($text)) = $text limit $limit");
            }
        }
        catch (SqliteException error) when (error.SqliteErrorCode == SQLitePCL.raw.SQLITE_INTERRUPT)
        {
            // Out of patience.
        }
        catch (SqliteException error)
        {
            throw StoreDatabaseException.From(error, Store.DatabasePath);
        }

        return names;

        void Add(string sql)
        {
            using var command = Command(sql);
            command.Parameters.AddWithValue("$prefix", prefix);
            command.Parameters.AddWithValue("$text", text);
            command.Parameters.AddWithValue("$skip", prefix.Length + StorePath.HashPartLength + 2);
            command.Parameters.AddWithValue("$limit", limit);
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                names.Add(reader.GetString(0)[prefix.Length..]);
            }
        }
    }

    /// <summary>Full paths of the registered rows that refer to <paramref name="path"/>, itself left out.</summary>
    /// <exception cref="StoreDatabaseException"/>
    public IReadOnlyList<string> FindReferrers(string path) => ReadTexts(
        "select p.path from Refs r join ValidPaths p on p.id = r.referrer where r.reference = (select id from ValidPaths where path = $key) "
        + "and r.referrer <> r.reference order by p.path", path);

    /// <summary>Full paths of the derivations that table DerivationOutputs names as makers of <paramref name="path"/>.</summary>
    /// <exception cref="StoreDatabaseException"/>
    public IReadOnlyList<string> FindDerivers(string path) => ReadTexts(
        "select p.path from DerivationOutputs o join ValidPaths p on p.id = o.drv where o.path = $key order by p.path", path);

    /// <summary>Output names and paths that table DerivationOutputs has for a derivation.</summary>
    /// <exception cref="StoreDatabaseException"/>
    public IReadOnlyDictionary<string, string> FindOutputs(string derivation) => Guard(() =>
    {
        using var command = Command(
            "select o.id, o.path from DerivationOutputs o join ValidPaths p on p.id = o.drv where p.path = $key order by o.id", derivation);
        using var reader = command.ExecuteReader();
        var outputs = new SortedDictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read())
        {
            outputs[reader.GetString(0)] = reader.GetString(1);
        }

        return outputs;
    });

    /// <summary>Copies the whole database, as it is now, into a new file.</summary>
    /// <exception cref="StoreDatabaseException"/>
    public void CopyTo(string path) => Guard(() =>
    {
        using var copy = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        copy.Open();
        _connection.BackupDatabase(copy);
        return path;
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _names.Dispose();
        _statements.Dispose();
        _connection.Dispose();
        _access.Dispose();
        _lower?.Dispose();
        _files.Dispose();
    }

    private static StoreDatabase Open(StoreLocation store, string opening)
    {
        SqliteLibrary.EnsureReady();
        var files = DatabaseFiles.Use();
        try
        {
            return new StoreDatabase(store, files, opening);
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    private static (DatabaseAccess Access, SqliteConnection Connection, LowerRows? Lower) Connect(
        StoreLocation store, DatabaseFiles files, string opening)
    {
        DatabaseAccess? access = null;
        SqliteConnection? connection = null;
        try
        {
            access = DatabaseAccess.For(store, files);
            connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = access.Uri, Pooling = false }.ToString());
            connection.Open();
            using var command = connection.CreateCommand();

            SQLitePCL.raw.sqlite3_busy_timeout(connection.Handle, BusyMilliseconds);
            command.CommandText = opening;
            command.ExecuteScalar();
            return (access, connection, store.Overlay is null ? null : LowerRows.Attach(connection, store.Overlay.Lower, files));
        }
        catch (Exception error)
        {
            connection?.Dispose();
            access?.Dispose();
            if (error is SqliteException refused)
            {
                throw StoreDatabaseException.From(refused, store.DatabasePath);
            }

            throw;
        }
    }

    private List<PathRow> ReadPaths(long? after)
    {
        var first = after + 1 ?? long.MinValue;
        var row = _statements.Rows.With(first);
        var reference = _statements.References.With(first);
        try
        {
            var more = reference.Step();
            var rows = new List<PathRow>(RowsAtOnce);
            while (row.Step())
            {
                var id = row.Int64(0);
                if (rows.Count > 0)
                {
                    RowOrder.EnsureAfter(rows[^1].Id, id);
                }

                List<long>? ids = null;
                while (more && reference.Int64(0) <= id)
                {
                    if (reference.Int64(0) == id)
                    {
                        (ids ??= []).Add(reference.Int64(1));
                    }

                    more = reference.Step();
                }

                rows.Add(PathRowReader.Read(row, _names, ids));
            }

            return rows;
        }
        finally
        {
            // Nothing stays open while the rows are worked on.
            row.Reset();
            reference.Reset();
        }
    }

    private PathRow? FindWhere(string condition, object key) => Guard(() =>
    {
        using var row = new Statement(_connection, $"select {Columns} from ValidPaths where {condition}").With(key);
        return row.Step() ? PathRowReader.Read(row, _names, ReadReferenceIds(row.Int64(0))) : null;
    });

    private List<long> ReadReferenceIds(long id)
    {
        using var row = new Statement(_connection, "select reference from Refs where referrer = ? order by reference").With(id);
        var ids = new List<long>();
        while (row.Step())
        {
            ids.Add(row.Int64(0));
        }

        return ids;
    }

    private List<string> ReadTexts(string sql, string key) => Guard(() =>
    {
        using var command = Command(sql, key);
        using var reader = command.ExecuteReader();
        var texts = new List<string>();
        while (reader.Read())
        {
            texts.Add(reader.GetString(0));
        }

        return texts;
    });

    private SqliteCommand Command(string sql, object? key = null)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        if (key is not null)
        {
            command.Parameters.AddWithValue("$key", key);
        }

        return command;
    }

    private bool IsUnchanged => _access.IsUnchanged && _lower?.IsUnchanged != false;

    /// <summary>
    /// Asks a question. Where the file was changed under it, which reading in place cannot prevent, the database is opened anew, in the way
    /// that is right by now, and the question asked again: pages of two versions look like damage, or like truth.
    /// </summary>
    private T Guard<T>(Func<T> read)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var answer = read();
                if (IsUnchanged)
                {
                    return answer;
                }
            }
            catch (SqliteException error)
            {
                if (IsUnchanged)
                {
                    throw StoreDatabaseException.From(error, Store.DatabasePath);
                }
            }

            if (attempt == Attempts)
            {
                throw new StoreDatabaseException("DatabaseChanged", StoreErrorKind.Busy,
                    $"The database '{Store.DatabasePath}' kept changing while it was read.", Store.DatabasePath,
                    "Run the command again when fewer builds are finishing.");
            }

            Reopen();
        }
    }

    private void Reopen()
    {
        // First the new, then the old: should opening fail, what there is stays in order, to be disposed.
        var (access, connection, lower) = Connect(Store, _files, _opening);
        _names.Dispose();
        _statements.Dispose();
        _connection.Dispose();
        _access.Dispose();
        _lower?.Dispose();
        (_access, _connection, _lower, _names) = (access, connection, lower, new PathNames(connection));
        _statements = new ListStatements(connection, Columns, RowsAtOnce, lower is not null);
    }
}
