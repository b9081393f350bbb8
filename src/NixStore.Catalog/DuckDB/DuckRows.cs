using System.Runtime.InteropServices;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.DuckDB;

/// <summary>The rows of a query, row by row (<see cref="Read"/>) or chunk by chunk (<see cref="ReadChunk"/>), while the engine goes on computing.</summary>
public sealed unsafe class DuckRows : ICatalogRows
{
    private readonly DuckStatement _statement;
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenRegistration _registration;
    private readonly DuckType[] _types;
    private readonly nint[] _vectors;
    private DuckResult _result;
    private nint _chunk;
    private int _row;
    private bool _ended;

    internal DuckRows(DuckSession session, DuckStatement statement, DuckResult result, CancellationToken cancellation)
    {
        _statement = statement;
        _result = result;
        _cancellation = cancellation;
        _registration = cancellation.Register(session.Interrupt);
        _types = new DuckType[DuckLibrary.ColumnCount(ref _result)];
        _vectors = new nint[_types.Length];
        for (var i = 0; i < _types.Length; i++)
        {
            _types[i] = DuckLibrary.ColumnType(ref _result, (ulong)i);
        }
    }

    /// <summary>Number of columns.</summary>
    public int ColumnCount => _types.Length;

    /// <summary>Rows in the chunk at hand.</summary>
    public int Count { get; private set; }

    /// <summary>The name of a column.</summary>
    public string NameOf(int column) => Marshal.PtrToStringUTF8((nint)DuckLibrary.ColumnName(ref _result, (ulong)column))!;

    /// <summary>The type of a column.</summary>
    public DuckType TypeOf(int column) => _types[column];

    /// <summary>Goes to the next chunk of up to 2048 rows; false at the end.</summary>
    /// <exception cref="DuckException"/>
    /// <exception cref="OperationCanceledException"/>
    public bool ReadChunk()
    {
        for (; ; )
        {
            _cancellation.ThrowIfCancellationRequested();
            ReleaseChunk();
            if (_ended)
            {
                return false;
            }

            _chunk = DuckLibrary.FetchChunk(_result);
            if (_chunk == 0)
            {
                var error = DuckLibrary.ResultError(ref _result);
                if (error != null && *error != 0)
                {
                    _cancellation.ThrowIfCancellationRequested();
                    throw DuckException.From(error);
                }

                _ended = true;
                return false;
            }

            Count = (int)DuckLibrary.ChunkSize(_chunk);
            if (Count > 0)
            {
                for (var i = 0; i < _vectors.Length; i++)
                {
                    _vectors[i] = DuckLibrary.ChunkVector(_chunk, (ulong)i);
                }

                _row = -1;
                return true;
            }
        }
    }

    /// <summary>Goes to the next row; false at the end.</summary>
    /// <exception cref="DuckException"/>
    /// <exception cref="OperationCanceledException"/>
    public bool Read()
    {
        if (_chunk == 0 || _row + 1 >= Count)
        {
            if (!ReadChunk())
            {
                return false;
            }
        }

        _row++;
        return true;
    }

    /// <summary>A column of the chunk at hand.</summary>
    public DuckVector Column(int column) => new(_vectors[column], _types[column]);

    /// <summary>True when the value of this row is missing.</summary>
    public bool IsNull(int column) => Column(column).IsNull(_row);

    /// <summary>A whole number of this row.</summary>
    public long GetInt64(int column) => Column(column).Int64At(_row);

    /// <summary>A whole number of this row, or null.</summary>
    public long? TryGetInt64(int column) => IsNull(column) ? null : GetInt64(column);

    /// <summary>A number of this row.</summary>
    public double GetDouble(int column) => Column(column).DoubleAt(_row);

    /// <summary>True or false.</summary>
    public bool GetBoolean(int column) => GetInt64(column) != 0;

    /// <summary>A text of this row.</summary>
    public string GetText(int column) => Column(column).TextAt(_row);

    /// <summary>A text of this row, or null.</summary>
    public string? TryGetText(int column) => IsNull(column) ? null : GetText(column);

    /// <summary>A moment of this row.</summary>
    public DateTimeOffset GetTime(int column) => Column(column).TimeAt(_row);

    /// <summary>A moment of this row; null when it is missing, or none that there can be.</summary>
    public DateTimeOffset? TryGetTime(int column) => IsNull(column) ? null : Column(column).TryTimeAt(_row);

    /// <summary>A list of texts of this row; empty when it is missing.</summary>
    public string[] GetTexts(int column)
    {
        var list = Column(column);
        if (list.IsNull(_row))
        {
            return [];
        }

        var (start, count) = list.ListAt(_row);
        var elements = list.Elements(DuckType.Text);
        var texts = new string[count];
        for (var i = 0; i < count; i++)
        {
            texts[i] = elements.IsNull(start + i) ? "" : elements.TextAt(start + i);
        }

        return texts;
    }

    /// <summary>Ends the query, also one that has not given all its rows.</summary>
    public void Dispose()
    {
        _registration.Dispose();
        ReleaseChunk();
        if (_result.Data != 0 || _result.Columns != 0)
        {
            DuckLibrary.DestroyResult(ref _result);
            _result = default;
        }

        _statement.Dispose();
    }

    private void ReleaseChunk()
    {
        Count = 0;
        if (_chunk != 0)
        {
            DuckLibrary.DestroyChunk(ref _chunk);
        }
    }
}
