using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using NixStore.Engine.Database;
using NixStore.Engine.Salvage;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Salvage;

/// <summary>What a <see cref="RandomDatabase"/> is to be like.</summary>
public sealed record DatabaseRecipe(int Seed, int Rows)
{
    /// <summary>Bytes of a page.</summary>
    public int PageSize { get; init; } = 4096;

    /// <summary>Rows that are deleted again.</summary>
    public int Deleted { get; init; }

    /// <summary>Rows that are only in the log, each in a transaction of its own.</summary>
    public int InLog { get; init; }

    /// <summary>Whether a last transaction, of 200 rows, is in the log without its last frame.</summary>
    public bool IsInterrupted { get; init; }

    /// <summary>Whether nothing was ever moved from the log into the file.</summary>
    public bool IsAllInLog { get; init; }

    /// <summary>Whether the log was moved into the file and begun anew, with two more rows, over its old frames.</summary>
    public bool IsLogReused { get; init; }

    /// <summary>Whether each third row has signatures of several kilobytes.</summary>
    public bool IsLong { get; init; }

    /// <summary>Whether it is vacuumed, so that its trees begin at other pages than usual.</summary>
    public bool IsVacuumed { get; init; }
}

/// <summary>The files of a store's database with random rows, to be damaged. It is closed, as after a crash: the log is where it was.</summary>
internal sealed class RandomDatabase : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Random _random;
    private readonly DatabaseRecipe _recipe;
    private long _rows;

    internal RandomDatabase(DatabaseRecipe recipe)
    {
        _recipe = recipe;
        _random = new Random(recipe.Seed);
        var live = _directory["live.sqlite"];
        using var connection = Connect(live);
        Fill(connection);
        File.Copy(live, DatabasePath);
        File.Copy(live + "-wal", LogPath);
        if (recipe.IsInterrupted)
        {
            // The frame that commits is the last.
            Log = Log[..^(24 + recipe.PageSize)];
        }
    }

    internal string DatabasePath => _directory["db.sqlite"];

    internal string LogPath => DatabasePath + "-wal";

    /// <summary>The database's own bytes.</summary>
    internal byte[] Bytes
    {
        get => File.ReadAllBytes(DatabasePath);
        set => File.WriteAllBytes(DatabasePath, value);
    }

    /// <summary>The log's bytes.</summary>
    internal byte[] Log
    {
        get => File.ReadAllBytes(LogPath);
        set => File.WriteAllBytes(LogPath, value);
    }

    /// <summary>Changes the database's bytes.</summary>
    internal void Change(Action<byte[]> change)
    {
        var bytes = Bytes;
        change(bytes);
        Bytes = bytes;
    }

    /// <summary>Runs SQL.</summary>
    internal void Sql(string sql)
    {
        using var connection = Connect(DatabasePath);
        Execute(connection, sql);
    }

    /// <summary>Fills a page with zeros.</summary>
    internal void Zero(long page) => Change(bytes => bytes.AsSpan((int)((page - 1) * _recipe.PageSize), _recipe.PageSize).Clear());

    /// <summary>Root pages by the name of the table or index, or what else a statement gives of names and numbers.</summary>
    internal Dictionary<string, long> Numbers(string sql = "select name, rootpage from sqlite_master where rootpage > 0")
    {
        using var copy = new TemporaryDirectory();
        using var connection = Connect(CopyTo(copy));
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var row = command.ExecuteReader();
        var numbers = new Dictionary<string, long>();
        while (row.Read())
        {
            numbers.Add(row.GetString(0), row.GetInt64(1));
        }

        return numbers;
    }

    /// <summary>What the walker finds.</summary>
    internal SalvagedDatabase Salvage() => SalvagedDatabase.Read(DatabasePath, StoreDirectory.Default, CancellationToken.None);

    /// <summary>What SQLite finds: a text for each row, with its references and outputs.</summary>
    internal IReadOnlyList<string> ReadBySqlite()
    {
        using var copy = new TemporaryDirectory();
        using var connection = Connect(CopyTo(copy));
        var references = Query(connection, "select r.referrer, p.path from Refs r join ValidPaths p on p.id = r.reference", row => (Id: row.GetInt64(0), Path: row.GetString(1)))
            .ToLookup(reference => reference.Id, reference => reference.Path);
        var outputs = Query(connection, "select drv, id, path from DerivationOutputs", row => (Id: row.GetInt64(0), Name: row.GetString(1), Path: row.GetString(2)))
            .ToLookup(output => output.Id, output => KeyValuePair.Create(output.Name, output.Path));
        return Query(connection, "select * from ValidPaths order by id", row => Describe(row.GetInt64(0), new ForgottenRow
        {
            Path = row.GetString(1),
            Hash = Text(row, 2),
            RegistrationTime = row.GetInt64(3),
            Deriver = Text(row, 4),
            NarSize = Number(row, 5),
            Ultimate = Number(row, 6),
            Signatures = Text(row, 7),
            ContentAddress = Text(row, 8),
            References = [.. references[row.GetInt64(0)].Order(StringComparer.Ordinal)],
            Outputs = outputs[row.GetInt64(0)].ToDictionary(),
        }));
    }

    /// <summary>A row in one line, as <see cref="ReadBySqlite"/> gives it.</summary>
    internal static string Describe(SalvagedPath path) => Describe(path.Id, path.Row);

    /// <summary>The columns of a row in one line, without references and outputs.</summary>
    internal static string DescribeColumns(SalvagedPath path) => DescribeColumns(path.Id, path.Row);

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _directory.Dispose();
    }

    private static string Describe(long id, ForgottenRow row) => $"{DescribeColumns(id, row)}|{string.Join(' ', row.References)}|"
        + string.Join(' ', row.Outputs.OrderBy(output => output.Key, StringComparer.Ordinal).Select(output => $"{output.Key}={output.Value}"));

    private static string DescribeColumns(long id, ForgottenRow row)
        => $"{id}|{row.Path}|{row.Hash}|{row.RegistrationTime}|{row.Deriver}|{row.NarSize}|{row.Ultimate}|{row.Signatures}|{row.ContentAddress}";

    private static SqliteConnection Connect(string path)
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql, params (string Name, object? Value)[] parameters)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        command.ExecuteNonQuery();
    }

    private static List<T> Query<T>(SqliteConnection connection, string sql, Func<SqliteDataReader, T> read)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var row = command.ExecuteReader();
        var rows = new List<T>();
        while (row.Read())
        {
            rows.Add(read(row));
        }

        return rows;
    }

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static long? Number(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    private string CopyTo(TemporaryDirectory directory)
    {
        File.Copy(DatabasePath, directory["db.sqlite"]);
        if (File.Exists(LogPath))
        {
            File.Copy(LogPath, directory["db.sqlite-wal"]);
        }

        return directory["db.sqlite"];
    }

    private void Fill(SqliteConnection connection)
    {
        using var schema = new StreamReader(typeof(StoreDatabase).Assembly.GetManifestResourceStream("schema.sql")!);
        Execute(connection, $"pragma page_size = {_recipe.PageSize}; pragma journal_mode = wal; pragma wal_autocheckpoint = 0; pragma secure_delete = 0;");
        Execute(connection, schema.ReadToEnd());
        Execute(connection, "begin");
        Insert(connection, _recipe.Rows);
        Execute(connection, "commit");
        if (_recipe.Deleted > 0)
        {
            Execute(connection, $"""
                pragma foreign_keys = 0;
                create temp table Gone as select id from ValidPaths where id > {_recipe.Rows / 3} and id <= {(_recipe.Rows / 3) + _recipe.Deleted};
                delete from Refs where referrer in Gone or reference in Gone;
                delete from DerivationOutputs where drv in Gone;
                delete from ValidPaths where id in Gone;
                """);
        }

        if (_recipe.IsVacuumed)
        {
            Execute(connection, "vacuum");
        }

        if (!_recipe.IsAllInLog)
        {
            Execute(connection, "pragma wal_checkpoint(truncate)");
        }

        for (var i = 0; i < _recipe.InLog; i++)
        {
            Execute(connection, "begin");
            Insert(connection, 1);
            Execute(connection, "commit");
        }

        if (_recipe.IsLogReused)
        {
            Execute(connection, "pragma wal_checkpoint(full)");
            Insert(connection, 2);
        }

        if (_recipe.IsInterrupted)
        {
            Execute(connection, "begin");
            Insert(connection, 200);
            Execute(connection, "commit");
        }
    }

    private void Insert(SqliteConnection connection, int count)
    {
        for (var i = 0; i < count; i++)
        {
            _rows++;
            var isDerivation = _random.Next(3) == 0;
            Execute(connection,
                "insert into ValidPaths (path, hash, registrationTime, deriver, narSize, ultimate, sigs, ca) values ($path, $hash, $time, $deriver, $size, $ultimate, $sigs, $ca)",
                ("$path", RandomPath($"package-{_rows}{(isDerivation ? ".drv" : "")}")),
                ("$hash", $"sha256:{RandomHex()}"),
                ("$time", _random.NextInt64(1_400_000_000, 1_900_000_000)),
                ("$deriver", _random.Next(2) == 0 ? null : RandomPath("deriver.drv")),
                ("$size", _random.Next(5) == 0 ? null : (long?)_random.NextInt64(1L << _random.Next(1, 40))),
                ("$ultimate", _random.Next(3) == 0 ? (long?)1 : null),
                ("$sigs", RandomSignatures()),
                ("$ca", _random.Next(4) == 0 ? $"fixed:r:sha256:{Nix32.Encode(SHA256.HashData(BitConverter.GetBytes(_rows)))}" : null));
            var id = _rows;
            for (var n = _random.Next(6); n > 0; n--)
            {
                Execute(connection, "insert or ignore into Refs select $id, id from ValidPaths where id = $to",
                    ("$id", id), ("$to", _random.NextInt64(Math.Max(1, id - 300), id + 1)));
            }

            for (var n = isDerivation ? _random.Next(1, 4) : 0; n > 0; n--)
            {
                Execute(connection, "insert into DerivationOutputs values ($id, $name, $path)",
                    ("$id", id), ("$name", $"out{n}"), ("$path", RandomPath($"output-{n}")));
            }
        }
    }

    private string? RandomSignatures() => _random.Next(4) == 0 ? null : string.Join(' ', Enumerable
        .Range(0, _recipe.IsLong && _random.Next(3) == 0 ? _random.Next(40, 200) : _random.Next(1, 3))
        .Select(number => $"cache-{number}:{Convert.ToBase64String(Bytes64())}"));

    private byte[] Bytes64()
    {
        var bytes = new byte[64];
        _random.NextBytes(bytes);
        return bytes;
    }

    private string RandomHex() => Convert.ToHexStringLower(Bytes64().AsSpan(0, 32));

    private string RandomPath(string name) => $"/nix/store/{Nix32.Encode(SHA256.HashData(Encoding.UTF8.GetBytes($"{_random.Next()}")).AsSpan(0, 20))}-{name}";
}
