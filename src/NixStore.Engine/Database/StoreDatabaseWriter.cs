using Microsoft.Data.Sqlite;
using NixStore.Engine.Locks;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Database;

/// <summary>
/// Writes to a store's database as Nix does: with the big lock held shared, foreign keys on, WAL kept, one transaction for each change
/// and none held across anything else (STORE-SPEC §2; Nix libstore/local-store.cc). Safe for several threads, one at a time.
/// </summary>
public sealed partial class StoreDatabaseWriter : IDisposable
{
    private const string Remedy = "Test-StoreDatabase shows which rows contradict each other.";
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);
    private readonly Lock _gate = new();
    private readonly StoreLocation _store;
    private readonly BigLock _bigLock;
    private readonly DatabaseFiles _files;
    private readonly SqliteConnection _connection;
    private readonly TimeSpan _patience;
    private readonly CancellationToken _cancellation;

    private StoreDatabaseWriter(
        StoreLocation store, BigLock bigLock, DatabaseFiles files, SqliteConnection connection, TimeSpan patience, CancellationToken cancellation)
    {
        _store = store;
        _bigLock = bigLock;
        _files = files;
        _connection = connection;
        _patience = patience;
        _cancellation = cancellation;
    }

    /// <summary>The store it belongs to.</summary>
    public StoreLocation Store => _store;

    /// <summary>Opens the database of an existing store for writing.</summary>
    /// <param name="store">The store.</param>
    /// <param name="cancellation">Ends every wait for another writer, also of later changes.</param>
    /// <param name="patience">How long to wait for other writers; 5 minutes by default.</param>
    /// <exception cref="StoreDatabaseException">SchemaTooNew, SchemaDamaged, DatabaseNotFound, DatabaseMalformed, DatabaseBusy</exception>
    /// <exception cref="NixStoreException">StoreReadOnly, StoreLocked</exception>
    public static StoreDatabaseWriter Open(StoreLocation store, CancellationToken cancellation, TimeSpan? patience = null)
    {
        if (store.IsReadOnly)
        {
            throw new NixStoreException("StoreReadOnly", StoreErrorKind.PermissionDenied, $"The store {store.Url} was opened read-only.",
                store.Url, "Leave out read-only=true to change the store.");
        }

        SqliteLibrary.EnsureReady();
        SchemaFile.EnsureWritable(store);
        if (!Posix.TryStatus(store.DatabasePath, out var status, out _) || status.Size == 0)
        {
            throw new StoreDatabaseException("DatabaseNotFound", StoreErrorKind.NotFound,
                $"There is no database '{store.DatabasePath}', or it is empty.", store.DatabasePath,
                "The database was lost; do not run Nix on the store, it would start an empty one.");
        }

        var wait = patience ?? s_patience;
        var bigLock = BigLock.AcquireShared(store, wait, cancellation);
        var files = DatabaseFiles.Use();
        try
        {
            var connection = WhenFree(() => Connect(store, SqliteOpenMode.ReadWrite), wait, cancellation);
            return new StoreDatabaseWriter(store, bigLock, files, connection, wait, cancellation);
        }
        catch (Exception error)
        {
            files.Dispose();
            bigLock.Dispose();
            if (error is SqliteException refused)
            {
                throw StoreDatabaseException.From(refused, store.DatabasePath);
            }

            throw;
        }
    }

    /// <summary>Makes the database of a new, empty store.</summary>
    /// <exception cref="StoreDatabaseException"/>
    internal static void Create(StoreLocation store)
    {
        SqliteLibrary.EnsureReady();
        using var stream = typeof(StoreDatabaseWriter).Assembly.GetManifestResourceStream("schema.sql")!;
        using var text = new StreamReader(stream);
        using var files = DatabaseFiles.Use();
        try
        {
            using var connection = Connect(store, SqliteOpenMode.ReadWriteCreate);
            using var command = connection.CreateCommand();
            command.CommandText = "begin immediate;" + text.ReadToEnd() + "commit;";
            command.ExecuteNonQuery();
        }
        catch (SqliteException error)
        {
            throw StoreDatabaseException.From(error, store.DatabasePath);
        }
    }

    /// <summary>
    /// Registers paths, all or none. References are resolved after all rows are in; each must be registered, before or by this call.
    /// A path that is registered already is updated but keeps its registration time and deriver. Of one given twice, the last counts.
    /// </summary>
    /// <exception cref="StoreDatabaseException">ReferenceNotValid, ReferenceCycle, …</exception>
    public void Register(IReadOnlyCollection<PathRegistration> registrations) => InTransaction(() =>
    {
        var paths = registrations.GroupBy(path => path.Info.Path).Select(group => group.Last()).ToList();
        ReferenceCycles.EnsureNone(paths);
        foreach (var path in paths)
        {
            Upsert(path);
        }

        foreach (var path in paths)
        {
            var referrer = _store.Directory.Print(path.Info.Path);
            foreach (var reference in path.Info.References)
            {
                AddReference(referrer, _store.Directory.Print(reference));
            }
        }
    });

    /// <summary>True when a path is registered, as every writer before now left it. Meaningful for a path that is protected or locked.</summary>
    /// <exception cref="StoreDatabaseException"/>
    public bool IsValid(StorePath path)
    {
        lock (_gate)
        {
            try
            {
                return Scalar("select 1 from ValidPaths where path = $path", ("$path", _store.Directory.Print(path))) is not null;
            }
            catch (SqliteException error)
            {
                throw StoreDatabaseException.From(error, _store.DatabasePath);
            }
        }
    }

    /// <summary>
    /// Has the write-ahead log written into the database itself, where readers that do not look at logs see it. Readers of older states make it
    /// wait; what they keep it from, stays in the log.
    /// </summary>
    /// <exception cref="StoreDatabaseException">DatabaseBusy: not everything could be written.</exception>
    public void Checkpoint()
    {
        lock (_gate)
        {
            try
            {
                using var command = Command("pragma wal_checkpoint(truncate)", []);
                using var row = command.ExecuteReader();
                if (row.Read() && row.GetInt64(0) != 0 && row.GetInt64(1) != row.GetInt64(2))
                {
                    throw new StoreDatabaseException("DatabaseBusy", StoreErrorKind.Busy,
                        $"{row.GetInt64(1) - row.GetInt64(2)} pages stay in the log of '{_store.DatabasePath}', because somebody reads an older state.",
                        _store.DatabasePath, "Run the command again when fewer commands run on the store.");
                }
            }
            catch (SqliteException error)
            {
                throw StoreDatabaseException.From(error, _store.DatabasePath);
            }
        }
    }

    /// <summary>Mends one row in a transaction of its own.</summary>
    /// <exception cref="StoreDatabaseException">PathNotValid, ReferenceNotValid, …</exception>
    public void Change(string path, RowChange change) => InTransaction(() =>
    {
        if (Scalar("select id from ValidPaths where path = $path", ("$path", path)) is not long)
        {
            throw NotValid(path);
        }

        Set("hash", change.NarHash?.ToDatabaseString());
        Set("narSize", change.NarSize);
        Set("registrationTime", change.RegistrationTime?.ToUnixTimeSeconds());
        Set("ca", change.ContentAddress?.ToString());
        SetOrClear("deriver", change.Deriver);
        SetOrClear("sigs", change.Signatures is null ? null : string.Join(' ', change.Signatures));
        if (change.ClearContentAddress)
        {
            SetOrClear("ca", "");
        }

        if (change.ClearUltimate)
        {
            SetOrClear("ultimate", "");
        }

        foreach (var reference in change.AddReferences)
        {
            AddReference(path, reference);
        }

        void Set(string column, object? value)
        {
            if (value is not null)
            {
                Execute($"update ValidPaths set {column} = $value where path = $path", ("$value", value), ("$path", path));
            }
        }

        void SetOrClear(string column, string? value)
        {
            if (value is not null)
            {
                Execute($"update ValidPaths set {column} = $value where path = $path",
                    ("$value", value.Length == 0 ? DBNull.Value : value), ("$path", path));
            }
        }
    });

    /// <summary>Adds signatures to a row; those that are there already are not doubled.</summary>
    /// <returns>The number added.</returns>
    /// <exception cref="StoreDatabaseException">PathNotValid</exception>
    public int AddSignatures(string path, IEnumerable<StoreSignature> signatures)
    {
        var added = 0;
        InTransaction(() =>
        {
            if (Scalar("select id from ValidPaths where path = $path", ("$path", path)) is not long)
            {
                throw NotValid(path);
            }

            var present = (Scalar("select sigs from ValidPaths where path = $path", ("$path", path)) as string ?? "")
                .Split(' ', StringSplitOptions.RemoveEmptyEntries).ToList();
            var fresh = signatures.Select(signature => signature.ToString()).Except(present).ToList();
            added = fresh.Count;
            if (added > 0)
            {
                Execute("update ValidPaths set sigs = $sigs where path = $path", ("$sigs", string.Join(' ', present.Concat(fresh))), ("$path", path));
            }
        });
        return added;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _connection.Dispose();
        _files.Dispose();
        _bigLock.Dispose();
    }

    private static SqliteConnection Connect(StoreLocation store, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = store.DatabasePath,
            Mode = mode,
            Pooling = false,
            DefaultTimeout = 1,
        }.ToString());
        try
        {
            connection.Open();
            SqliteLibrary.KeepWal(connection.Handle!);
            using var command = connection.CreateCommand();
            // Indices are changed here and there: their pages are worth 64 MiB.
            // The last one reads: only then is the log open, and readers that come later see that somebody writes beside them.
            command.CommandText = "pragma foreign_keys = 1; pragma synchronous = normal; pragma wal_autocheckpoint = 40000; pragma cache_size = -65536;"
                + "pragma main.journal_size_limit = 1099511627776; pragma main.schema_version;";
            command.ExecuteNonQuery();
            if (mode == SqliteOpenMode.ReadWriteCreate)
            {
                command.CommandText = "pragma main.journal_mode = wal;";
                command.ExecuteNonQuery();
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Repeats what another writer keeps from happening. SQLite's own way of waiting could not be cancelled.</summary>
    private static T WhenFree<T>(Func<T> action, TimeSpan patience, CancellationToken cancellation)
    {
        var start = Environment.TickCount64;
        for (; ; )
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                return action();
            }
            catch (SqliteException error) when (StoreDatabaseException.IsBusy(error) && Environment.TickCount64 - start < patience.TotalMilliseconds)
            {
                cancellation.WaitHandle.WaitOne(s_pause);
            }
        }
    }

    private void Upsert(PathRegistration path)
    {
        var info = path.Info;
        var full = _store.Directory.Print(info.Path);
        (string, object)[] values =
        [
            ("$path", full),
            ("$hash", info.NarHash.ToDatabaseString()),
            ("$time", (info.RegistrationTime ?? DateTimeOffset.UtcNow).ToUnixTimeSeconds()),
            ("$deriver", info.Deriver is null ? DBNull.Value : _store.Directory.Print(info.Deriver)),
            ("$size", info.NarSize == 0 ? DBNull.Value : info.NarSize),
            ("$ultimate", info.Ultimate ? 1 : DBNull.Value),
            ("$sigs", info.Signatures.Count == 0 ? DBNull.Value : string.Join(' ', info.Signatures)),
            ("$ca", (object?)info.ContentAddress?.ToString() ?? DBNull.Value),
        ];
        Execute(
            "insert into ValidPaths (path, hash, registrationTime, deriver, narSize, ultimate, sigs, ca) "
            + "values ($path, $hash, $time, $deriver, $size, $ultimate, $sigs, $ca) on conflict (path) do update set "
            + "hash = excluded.hash, narSize = excluded.narSize, ultimate = excluded.ultimate, sigs = excluded.sigs, ca = excluded.ca",
            values);
        foreach (var (output, outputPath) in path.Outputs ?? new Dictionary<string, string>())
        {
            Execute("insert or replace into DerivationOutputs (drv, id, path) select id, $output, $outputPath from ValidPaths where path = $path",
                ("$output", output), ("$outputPath", outputPath), ("$path", full));
        }
    }

    private void AddReference(string referrer, string reference)
    {
        var rows = Execute("insert or ignore into Refs (referrer, reference) select a.id, b.id from ValidPaths a, ValidPaths b "
            + "where a.path = $referrer and b.path = $reference", ("$referrer", referrer), ("$reference", reference));
        if (rows == 0 && Scalar("select id from ValidPaths where path = $path", ("$path", reference)) is not long)
        {
            throw new StoreDatabaseException("ReferenceNotValid", StoreErrorKind.InvalidData,
                $"'{referrer}' refers to '{reference}', which is not valid in {_store.Url}.", reference,
                "Import or repair the reference first; Get-StoreClosure lists what a path needs.");
        }
    }

    private void InTransaction(Action change)
    {
        lock (_gate)
        {
            try
            {
                using var transaction = WhenFree(() => _connection.BeginTransaction(deferred: false), _patience, _cancellation);
                change();
                transaction.Commit();
            }
            catch (SqliteException error)
            {
                throw StoreDatabaseException.From(error, _store.DatabasePath);
            }
        }
    }

    private int Execute(string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        using var command = Command(sql, values);
        return command.ExecuteNonQuery();
    }

    private object? Scalar(string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        using var command = Command(sql, values);
        return command.ExecuteScalar();
    }

    private SqliteCommand Command(string sql, ReadOnlySpan<(string Name, object Value)> values)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }

    private StoreDatabaseException NotValid(string path) => new(
        "PathNotValid", StoreErrorKind.NotFound, $"'{path}' is not registered in {_store.Url}.", path, Remedy);
}
