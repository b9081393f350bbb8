using System.Text;

namespace NixStore.Catalog.DuckDB;

/// <summary>One column of a chunk of rows, as it lies in the engine's memory; valid until the next chunk.</summary>
public readonly unsafe ref struct DuckVector
{
    private readonly nint _vector;
    private readonly void* _data;
    private readonly ulong* _validity;

    internal DuckVector(nint vector, DuckType type)
    {
        _vector = vector;
        Type = type;
        _data = DuckLibrary.VectorData(vector);
        _validity = DuckLibrary.VectorValidity(vector);
    }

    /// <summary>Type of its values.</summary>
    public DuckType Type { get; }

    /// <summary>For <see cref="DuckType.List"/>: the elements of all rows, one after another; <see cref="ListAt"/> says which are whose.</summary>
    /// <param name="type">Type of the elements.</param>
    public DuckVector Elements(DuckType type) => new(DuckLibrary.ListChild(_vector), type);

    /// <summary>True when the value is missing.</summary>
    public bool IsNull(int row) => _validity != null && (_validity[row >> 6] >> (row & 63) & 1) == 0;

    /// <summary>The values of a fixed size, such as <see cref="long"/> for BIGINT.</summary>
    public ReadOnlySpan<T> Values<T>(int count)
        where T : unmanaged
        => new(_data, count);

    /// <summary>The bytes of a text or blob.</summary>
    public ReadOnlySpan<byte> BytesAt(int row)
    {
        // duckdb_string_t: length, then either up to 12 bytes or 4 bytes and a pointer.
        var entry = (byte*)_data + (16L * row);
        var length = *(int*)entry;
        return new ReadOnlySpan<byte>(length <= 12 ? entry + 4 : *(byte**)(entry + 8), length);
    }

    /// <summary>A text.</summary>
    public string TextAt(int row) => Encoding.UTF8.GetString(BytesAt(row));

    /// <summary>Which of <see cref="Elements"/> belong to a row.</summary>
    public (int Start, int Count) ListAt(int row)
    {
        var entry = (ulong*)_data + (2L * row);
        return ((int)entry[0], (int)entry[1]);
    }

    /// <summary>A whole number of any width.</summary>
    public long Int64At(int row) => Type switch
    {
        DuckType.Boolean or DuckType.UInt8 => ((byte*)_data)[row],
        DuckType.Int8 => ((sbyte*)_data)[row],
        DuckType.Int16 => ((short*)_data)[row],
        DuckType.UInt16 => ((ushort*)_data)[row],
        DuckType.Int32 or DuckType.Date => ((int*)_data)[row],
        DuckType.UInt32 => ((uint*)_data)[row],
        DuckType.UInt64 => checked((long)((ulong*)_data)[row]),
        DuckType.Int128 => checked((long)((Int128*)_data)[row]),
        DuckType.Double => checked((long)((double*)_data)[row]),
        DuckType.Float => checked((long)((float*)_data)[row]),
        DuckType.Int64 or DuckType.Timestamp or DuckType.TimestampSeconds or DuckType.TimestampMilliseconds or DuckType.TimestampNanoseconds
            or DuckType.TimestampZoned => ((long*)_data)[row],
        _ => throw new InvalidCastException($"A {Type} is no whole number."),
    };

    /// <summary>A floating-point number, or a whole one as such.</summary>
    public double DoubleAt(int row) => Type switch
    {
        DuckType.Double => ((double*)_data)[row],
        DuckType.Float => ((float*)_data)[row],
        _ => Int64At(row),
    };

    /// <summary>A moment; timestamps are UTC.</summary>
    /// <exception cref="InvalidCastException">There is no such time.</exception>
    public DateTimeOffset TimeAt(int row) => TryTimeAt(row) ?? throw new InvalidCastException($"{Int64At(row)} is no time.");

    /// <summary>A moment; null of those that .NET has not: the infinite ones, and what is not in the years 1 to 9999.</summary>
    public DateTimeOffset? TryTimeAt(int row)
    {
        Int128 number = Int64At(row);
        var ticks = DateTime.UnixEpoch.Ticks + (Type switch
        {
            DuckType.TimestampSeconds => number * TimeSpan.TicksPerSecond,
            DuckType.TimestampMilliseconds => number * TimeSpan.TicksPerMillisecond,
            DuckType.Timestamp or DuckType.TimestampZoned => number * TimeSpan.TicksPerMicrosecond,
            DuckType.TimestampNanoseconds => number / 100,
            DuckType.Date => number * TimeSpan.TicksPerDay,
            _ => throw new InvalidCastException($"A {Type} is no time."),
        });
        return ticks >= DateTime.MinValue.Ticks && ticks <= DateTime.MaxValue.Ticks ? new DateTimeOffset((long)ticks, TimeSpan.Zero) : null;
    }
}
