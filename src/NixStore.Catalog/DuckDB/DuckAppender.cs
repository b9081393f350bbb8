using System.Runtime.InteropServices;
using System.Text;

namespace NixStore.Catalog.DuckDB;

/// <summary>
/// Puts rows into a table of a session, chunks of 2048 at a time: by far the fastest way in. Set the columns in any order, then
/// <see cref="EndRow"/>; what is not set is null.
/// </summary>
public sealed unsafe class DuckAppender : IDisposable
{
    private const int ChunkSize = 2048;

    private readonly Column[] _columns;
    private nint _appender;
    private nint _chunk;
    private int _row;

    /// <summary>Starts appending to a table.</summary>
    /// <exception cref="DuckException"/>
    public DuckAppender(DuckSession session, string table)
    {
        if (DuckLibrary.CreateAppender(session.Connection, null, table, out _appender) != DuckLibrary.Success)
        {
            var failure = DuckException.From(DuckLibrary.AppenderError(_appender));
            _ = DuckLibrary.DestroyAppender(ref _appender);
            throw failure;
        }

        var types = new nint[DuckLibrary.AppenderColumnCount(_appender)];
        _columns = new Column[types.Length];
        for (var i = 0; i < types.Length; i++)
        {
            types[i] = DuckLibrary.AppenderColumnType(_appender, (ulong)i);
            _columns[i].IsList = DuckLibrary.TypeOf(types[i]) == DuckType.List;
        }

        fixed (nint* pointer = types)
        {
            _chunk = DuckLibrary.CreateChunk(pointer, (ulong)types.Length);
        }

        for (var i = 0; i < types.Length; i++)
        {
            DuckLibrary.DestroyType(ref types[i]);
        }

        BeginChunk();
    }

    /// <summary>Rows so far.</summary>
    public long Count { get; private set; }

    /// <summary>Sets a text, as UTF-8.</summary>
    public void Set(int column, ReadOnlySpan<byte> text)
    {
        ref var target = ref _columns[column];
        fixed (byte* pointer = text)
        {
            var none = (byte)0;
            DuckLibrary.AssignText(target.Vector, (ulong)_row, pointer == null ? &none : pointer, (ulong)text.Length);
        }

        target.IsSet = true;
    }

    /// <summary>Sets a text; null leaves it missing.</summary>
    public void Set(int column, string? text)
    {
        if (text is null)
        {
            return;
        }

        var size = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> bytes = size <= 1024 ? stackalloc byte[size] : new byte[size];
        Set(column, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }

    /// <summary>Sets a number of the column's own width: <see cref="long"/> for BIGINT and TIMESTAMP (in its unit), and so on.</summary>
    public void Set<T>(int column, T value)
        where T : unmanaged
    {
        ref var target = ref _columns[column];
        ((T*)target.Data)[_row] = value;
        target.IsSet = true;
    }

    /// <summary>Sets a moment in a column TIMESTAMP_MS.</summary>
    public void SetMilliseconds(int column, DateTimeOffset? time)
    {
        if (time is { } moment)
        {
            Set(column, moment.ToUnixTimeMilliseconds());
        }
    }

    /// <summary>Begins a list of texts; then <see cref="Add(int, ReadOnlySpan{byte})"/> for each.</summary>
    public void BeginList(int column)
    {
        ref var target = ref _columns[column];
        ((ulong*)target.Data)[2L * _row] = (ulong)target.Elements;
        ((ulong*)target.Data)[(2L * _row) + 1] = 0;
        target.IsSet = true;
    }

    /// <summary>Adds a missing element to the list of this row.</summary>
    public void AddNull(int column)
    {
        ref var target = ref _columns[column];
        Reserve(ref target);
        DuckLibrary.EnsureValidity(target.Child);
        DuckLibrary.VectorValidity(target.Child)[target.Elements >> 6] &= ~(1UL << (target.Elements & 63));
        target.Elements++;
        ((ulong*)target.Data)[(2L * _row) + 1]++;
    }

    /// <summary>Adds an element to the list of this row, as UTF-8.</summary>
    public void Add(int column, ReadOnlySpan<byte> text)
    {
        ref var target = ref _columns[column];
        Reserve(ref target);

        fixed (byte* pointer = text)
        {
            var none = (byte)0;
            DuckLibrary.AssignText(target.Child, (ulong)target.Elements, pointer == null ? &none : pointer, (ulong)text.Length);
        }

        target.Elements++;
        ((ulong*)target.Data)[(2L * _row) + 1]++;
    }

    /// <summary>Adds an element to the list of this row.</summary>
    public void Add(int column, string text)
    {
        var size = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> bytes = size <= 1024 ? stackalloc byte[size] : new byte[size];
        Add(column, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }

    /// <summary>Ends the row.</summary>
    /// <exception cref="DuckException"/>
    public void EndRow()
    {
        for (var i = 0; i < _columns.Length; i++)
        {
            ref var column = ref _columns[i];
            if (!column.IsSet)
            {
                SetNull(ref column);
            }

            column.IsSet = false;
        }

        Count++;
        if (++_row == ChunkSize)
        {
            Flush();
        }
    }

    /// <summary>Hands all rows over; nothing can be appended afterwards.</summary>
    /// <exception cref="DuckException"/>
    public void Close()
    {
        Flush();
        if (DuckLibrary.CloseAppender(_appender) != DuckLibrary.Success)
        {
            throw DuckException.From(DuckLibrary.AppenderError(_appender));
        }
    }

    /// <summary>Releases it; rows that were not handed over are lost.</summary>
    public void Dispose()
    {
        if (_chunk != 0)
        {
            DuckLibrary.DestroyChunk(ref _chunk);
        }

        if (_appender != 0)
        {
            _ = DuckLibrary.DestroyAppender(ref _appender);
        }
    }

    private static void Reserve(ref Column column)
    {
        if (column.Elements == column.Capacity)
        {
            column.Capacity = Math.Max(4 * ChunkSize, column.Capacity * 2);
            _ = DuckLibrary.ReserveList(column.Vector, (ulong)column.Capacity);
            column.Child = DuckLibrary.ListChild(column.Vector);
        }
    }

    private void SetNull(ref Column column)
    {
        if (column.Validity == null)
        {
            DuckLibrary.EnsureValidity(column.Vector);
            column.Validity = DuckLibrary.VectorValidity(column.Vector);
        }

        column.Validity[_row >> 6] &= ~(1UL << (_row & 63));
        if (column.IsList)
        {
            ((ulong*)column.Data)[2L * _row] = (ulong)column.Elements;
            ((ulong*)column.Data)[(2L * _row) + 1] = 0;
        }
    }

    private void BeginChunk()
    {
        DuckLibrary.ResetChunk(_chunk);
        _row = 0;
        for (var i = 0; i < _columns.Length; i++)
        {
            ref var column = ref _columns[i];
            column.Vector = DuckLibrary.ChunkVector(_chunk, (ulong)i);
            column.Data = (nint)DuckLibrary.VectorData(column.Vector);
            column.Validity = null;
            (column.Elements, column.Capacity) = (0, 0);
        }
    }

    private void Flush()
    {
        if (_row == 0)
        {
            return;
        }

        foreach (ref var column in _columns.AsSpan())
        {
            if (column.IsList)
            {
                _ = DuckLibrary.SetListSize(column.Vector, (ulong)column.Elements);
            }
        }

        DuckLibrary.SetChunkSize(_chunk, (ulong)_row);
        if (DuckLibrary.AppendChunk(_appender, _chunk) != DuckLibrary.Success)
        {
            throw DuckException.From(DuckLibrary.AppenderError(_appender));
        }

        BeginChunk();
    }

    [StructLayout(LayoutKind.Auto)]
    private struct Column
    {
        internal nint Vector;
        internal nint Child;
        internal nint Data;
        internal ulong* Validity;
        internal int Elements;
        internal int Capacity;
        internal bool IsList;
        internal bool IsSet;
    }
}
