using System.Globalization;

namespace NixStore.Catalog.DuckDB;

/// <summary>An engine in memory with one connection: SQL in, rows out. Not for several threads at once.</summary>
/// <remarks>It loads no extension: nothing is fetched from the network, and what is not built in fails at once.</remarks>
public sealed unsafe class DuckSession : IDisposable
{
    private nint _database;
    private nint _connection;

    /// <summary>Starts an engine.</summary>
    /// <exception cref="NixStoreException">LibraryNotFound; <see cref="DuckException"/></exception>
    public DuckSession(DuckOptions options)
    {
        DuckLibrary.EnsureLoaded();
        Options = options;
        _ = DuckLibrary.CreateConfig(out var config);
        try
        {
            Set(config, "memory_limit", options.MemoryLimit);
            Set(config, "temp_directory", options.TemporaryDirectory);
            Set(config, "threads", options.Threads.ToString(CultureInfo.InvariantCulture));
            Set(config, "autoinstall_known_extensions", "false");
            Set(config, "autoload_known_extensions", "false");
            if (DuckLibrary.Open(null, out _database, config, out var error) != DuckLibrary.Success)
            {
                var failure = DuckException.From(error);
                DuckLibrary.Free(error);
                throw failure;
            }
        }
        finally
        {
            DuckLibrary.DestroyConfig(ref config);
        }

        if (DuckLibrary.Connect(_database, out _connection) != DuckLibrary.Success)
        {
            DuckLibrary.Close(ref _database);
            throw DuckException.From("DuckDB gives no connection.");
        }

        // Times are UTC everywhere; the machine's zone would shift months.
        Execute("SET TimeZone = 'UTC'");
    }

    /// <summary>The version of the engine.</summary>
    public static string Version => DuckLibrary.EnsureLoaded();

    /// <summary>What it was started with.</summary>
    public DuckOptions Options { get; }

    /// <summary>How far the running statement is, 0 to 100; -1 when it does not say. Any thread.</summary>
    public double Progress => DuckLibrary.QueryProgress(_connection).Percentage;

    /// <summary>The connection, for the appender.</summary>
    internal nint Connection => _connection;

    /// <summary>Runs statements that give no rows; the parameters are the last one's.</summary>
    /// <returns>How many rows the last one has changed or written.</returns>
    /// <exception cref="DuckException"/>
    /// <exception cref="OperationCanceledException"/>
    public long Execute(string sql, CancellationToken cancellation = default, params ReadOnlySpan<object?> parameters)
    {
        using var statement = Prepare(sql, parameters, cancellation);
        return statement.Execute(cancellation);
    }

    /// <summary>
    /// Runs a query whose rows come while it is still at work. Nothing else can be asked of this session before the rows are disposed of.
    /// </summary>
    /// <param name="sql">One query; statements before it are run first.</param>
    /// <param name="cancellation">Stops it, also between rows.</param>
    /// <param name="parameters">
    /// For its <c>?</c> or <c>$1</c>: text, whole numbers, <see cref="double"/>, <see cref="bool"/>, <see cref="DateTimeOffset"/> (as TIMESTAMP, UTC),
    /// lists of text, null.
    /// </param>
    /// <exception cref="DuckException"/>
    /// <exception cref="OperationCanceledException"/>
    public DuckRows Query(string sql, CancellationToken cancellation = default, params ReadOnlySpan<object?> parameters)
    {
        var statement = Prepare(sql, parameters, cancellation);
        try
        {
            return statement.Query(cancellation);
        }
        catch
        {
            statement.Dispose();
            throw;
        }
    }

    /// <summary>The first column of the first row as a whole number; 0 when it is null or there is no row.</summary>
    /// <exception cref="DuckException"/>
    /// <exception cref="OperationCanceledException"/>
    public long QueryNumber(string sql, CancellationToken cancellation = default, params ReadOnlySpan<object?> parameters)
    {
        using var rows = Query(sql, cancellation, parameters);
        return rows.Read() && !rows.IsNull(0) ? rows.GetInt64(0) : 0;
    }

    /// <summary>A text as a literal of SQL.</summary>
    public static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>A name as an identifier of SQL.</summary>
    public static string QuoteName(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>Stops the engine; its temporary files go.</summary>
    public void Dispose()
    {
        if (_connection != 0)
        {
            DuckLibrary.Disconnect(ref _connection);
        }

        if (_database != 0)
        {
            DuckLibrary.Close(ref _database);
        }
    }

    /// <summary>Stops the running statement. Any thread.</summary>
    internal void Interrupt() => DuckLibrary.Interrupt(_connection);

    private DuckStatement Prepare(string sql, ReadOnlySpan<object?> parameters, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_connection == 0, this);
        cancellation.ThrowIfCancellationRequested();
        var count = DuckLibrary.ExtractStatements(_connection, sql, out var statements);
        try
        {
            if (count == 0)
            {
                throw DuckException.From(DuckLibrary.ExtractStatementsError(statements));
            }

            for (nuint index = 0; ; index++)
            {
                var statement = new DuckStatement(this, statements, index);
                try
                {
                    if (index + 1 == count)
                    {
                        statement.Bind(parameters);
                        return statement;
                    }

                    statement.Execute(cancellation);
                    statement.Dispose();
                }
                catch
                {
                    statement.Dispose();
                    throw;
                }
            }
        }
        finally
        {
            DuckLibrary.DestroyExtracted(ref statements);
        }
    }

    private static void Set(nint config, string name, string value)
    {
        if (DuckLibrary.SetConfig(config, name, value) != DuckLibrary.Success)
        {
            throw DuckException.From($"Binder Error: '{value}' is no value for {name}.");
        }
    }
}
