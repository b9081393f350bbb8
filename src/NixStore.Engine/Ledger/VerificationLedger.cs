using Microsoft.Data.Sqlite;
using NixStore.Engine.Database;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Ledger;

/// <summary>
/// Remembers of each path of a store when its contents were last read, when they were last found intact with which hash, and its files as they
/// were then. It is a memory and no more: nothing depends on it, and one that is damaged is set aside and begun anew.
/// </summary>
/// <remarks>
/// <para>A row for each path, its files in two blobs (see <see cref="TreeRecordCodec"/>): 37 bytes for each file of the 148,000 below a Debian
/// system's /usr, hashes included, and some 160 for each path, so that 300,000 paths with 10 million files take about 420 MB. Memory does not
/// grow with the store.</para>
/// <para>What is recorded is written in batches, at the latest a second later; killed, at most that is lost. What goes wrong with writing ends
/// the recording, not the verification (<see cref="Failure"/>). Safe for several threads, and beside other processes.</para>
/// </remarks>
internal sealed class VerificationLedger : IDisposable
{
    private const int BatchSize = 256;
    private const int PruneBatch = 10_000;
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly StoreLocation _store;
    private readonly TimeProvider _clock;
    private readonly DatabaseFiles _files;
    private readonly DatabaseAccess? _access;
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _questions = [];
    private readonly List<Pending> _pending = [];
    private readonly ITimer? _timer;
    private bool _isDisposed;

    private VerificationLedger(StoreLocation store, TimeProvider clock, DatabaseFiles files, DatabaseAccess? access, SqliteConnection connection)
    {
        _store = store;
        _clock = clock;
        _files = files;
        _access = access;
        _connection = connection;
        _timer = access is null ? clock.CreateTimer(_ => Flush(), null, s_interval, s_interval) : null;
    }

    /// <summary>True when a damaged ledger was set aside for this one, which is empty.</summary>
    internal bool WasDamaged { get; private init; }

    /// <summary>Why nothing is recorded any more; null while all is well.</summary>
    internal NixStoreException? Failure { get; private set; }

    /// <summary>True when it was opened to be written to.</summary>
    internal bool IsRecording => _access is null;

    /// <summary>Opens the ledger of a store for recording, and makes it where there is none.</summary>
    /// <exception cref="NixStoreException">AccessDenied, ReadOnlyFileSystem, DiskFull and others: there can be none here.</exception>
    internal static VerificationLedger Open(StoreLocation store, TimeProvider clock)
    {
        SqliteLibrary.EnsureReady();
        var files = DatabaseFiles.Use();
        try
        {
            return new VerificationLedger(store, clock, files, null, LedgerFile.OpenForWriting(store, out var wasDamaged)) { WasDamaged = wasDamaged };
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>Opens the ledger of a store for reading, without a trace; null when there is none.</summary>
    /// <exception cref="NixStoreException">It cannot be read.</exception>
    internal static VerificationLedger? TryOpenForReading(StoreLocation store, TimeProvider clock)
    {
        var path = LedgerFile.PathOf(store);
        if (!Native.Posix.TryStatus(path, out var status, out _) || status.Size == 0)
        {
            return null;
        }

        SqliteLibrary.EnsureReady();
        var files = DatabaseFiles.Use();
        DatabaseAccess? access = null;
        SqliteConnection? connection = null;
        try
        {
            access = DatabaseAccess.For(path, files, () => "");
            connection = LedgerFile.Connect(access.Uri, SqliteOpenMode.ReadWriteCreate);
            LedgerFile.EnsureVersion(connection);
            return new VerificationLedger(store, clock, files, access, connection);
        }
        catch (Exception error)
        {
            connection?.Dispose();
            access?.Dispose();
            files.Dispose();
            throw error is SqliteException refused ? StoreDatabaseException.From(refused, path) : error;
        }
    }

    /// <summary>What is remembered of a path; null when it is not known.</summary>
    internal LedgerEntry? Find(StorePath path) => Ask("select looked, intact, isBroken, narHash from Paths where path = $path", path, row => new LedgerEntry(
        row.GetInt64(0), row.IsDBNull(1) ? null : row.GetInt64(1), row.GetInt64(2) != 0, row.IsDBNull(3) ? null : row.GetFieldValue<byte[]>(3)));

    /// <summary>The files of a path as they were when it was last found intact; null when that is not known.</summary>
    internal TreeRecord? FindFiles(StorePath path) => Ask("select files, hashes from Paths where path = $path and files not null", path,
        row => TreeRecordCodec.TryDecode(row.GetFieldValue<byte[]>(0), row.GetFieldValue<byte[]>(1), out var record) ? record : null);

    /// <summary>Remembers that a path was read now and found intact.</summary>
    /// <param name="path">The path.</param>
    /// <param name="hash">Its NAR hash.</param>
    /// <param name="files">Its files as they were read; sorted.</param>
    internal void RecordIntact(StorePath path, NixHash hash, TreeRecord files)
        => Add(new Pending(path.BaseName, Now, hash.Bytes.ToArray(), TreeRecordCodec.EncodeFiles(files), TreeRecordCodec.EncodeHashes(files)));

    /// <summary>Remembers that a path was read now and found wanting; what is known from when it was intact stays.</summary>
    internal void RecordBroken(StorePath path) => Add(new Pending(path.BaseName, Now, null, null, null));

    /// <summary>Forgets paths; gives how many.</summary>
    /// <param name="isRegistered">Says whether the store has a path, by its base name.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException"/>
    internal int Prune(Func<string, bool> isRegistered, CancellationToken cancellation)
    {
        var count = 0;
        long after = 0;
        Flush();
        for (var more = true; more && Failure is null;)
        {
            cancellation.ThrowIfCancellationRequested();
            lock (_gate)
            {
                Try(() =>
                {
                    var rows = ReadNames(after);
                    more = rows.Count == PruneBatch;
                    after = more ? rows[^1].Id : after;
                    count += Delete(rows.FindAll(row => !isRegistered(row.Name)).ConvertAll(row => row.Id));
                });
            }
        }

        return count;
    }

    /// <summary>Writes what waits to be written.</summary>
    internal void Flush()
    {
        lock (_gate)
        {
            WritePending();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer?.Dispose();
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            WritePending();
            _isDisposed = true;
            foreach (var question in _questions.Values)
            {
                question.Dispose();
            }

            _connection.Dispose();
            _access?.Dispose();
            _files.Dispose();
        }
    }

    private long Now => _clock.GetUtcNow().ToUnixTimeSeconds();

    private void Add(Pending pending)
    {
        lock (_gate)
        {
            if (IsRecording)
            {
                _pending.Add(pending);
                if (_pending.Count >= BatchSize)
                {
                    WritePending();
                }
            }
        }
    }

    private void WritePending()
    {
        if (!_isDisposed && _pending.Count > 0 && Failure is null)
        {
            Try(() =>
            {
                using var transaction = _connection.BeginTransaction();
                using var intact = Command("""
                    insert into Paths(path, looked, isBroken, intact, narHash, files, hashes) values ($path, $looked, 0, $looked, $hash, $files, $hashes)
                    on conflict(path) do update set looked = excluded.looked, isBroken = 0, intact = excluded.intact, narHash = excluded.narHash,
                        files = excluded.files, hashes = excluded.hashes
                    """, "$path", "$looked", "$hash", "$files", "$hashes");
                using var broken = Command("""
                    insert into Paths(path, looked, isBroken) values ($path, $looked, 1)
                    on conflict(path) do update set looked = excluded.looked, isBroken = 1
                    """, "$path", "$looked");
                foreach (var one in _pending)
                {
                    _ = one.Hash is null ? Execute(broken, one.Name, one.Looked) : Execute(intact, one.Name, one.Looked, one.Hash, one.Files!, one.Hashes!);
                }

                transaction.Commit();
            });
        }

        _pending.Clear();
    }

    private T? Ask<T>(string sql, StorePath path, Func<SqliteDataReader, T?> read)
        where T : class
    {
        T? answer = null;
        lock (_gate)
        {
            if (Failure is null)
            {
                Try(() =>
                {
                    if (!_questions.TryGetValue(sql, out var command))
                    {
                        _questions[sql] = command = Command(sql, "$path");
                    }

                    command.Parameters[0].Value = path.BaseName;
                    using var row = command.ExecuteReader();
                    answer = row.Read() ? read(row) : null;
                });
            }
        }

        return answer;
    }

    private List<(long Id, string Name)> ReadNames(long after)
    {
        using var command = Command("select id, path from Paths where id > $after order by id limit $limit", "$after", "$limit");
        (command.Parameters[0].Value, command.Parameters[1].Value) = (after, PruneBatch);
        using var row = command.ExecuteReader();
        var names = new List<(long, string)>();
        while (row.Read())
        {
            names.Add((row.GetInt64(0), row.GetString(1)));
        }

        return names;
    }

    private int Delete(List<long> ids)
    {
        using var transaction = _connection.BeginTransaction();
        using var command = Command("delete from Paths where id = $id", "$id");
        ids.ForEach(id => Execute(command, id));
        transaction.Commit();
        return ids.Count;
    }

    private SqliteCommand Command(string sql, params string[] parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var parameter in parameters)
        {
            command.Parameters.AddWithValue(parameter, null);
        }

        return command;
    }

    private static int Execute(SqliteCommand command, params object[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        return command.ExecuteNonQuery();
    }

    private void Try(Action work)
    {
        try
        {
            work();
        }
        catch (SqliteException error)
        {
            Failure = StoreDatabaseException.From(error, LedgerFile.PathOf(_store));
        }
    }

    private sealed record Pending(string Name, long Looked, byte[]? Hash, byte[]? Files, byte[]? Hashes);
}
