using System.Text;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.ClickHouse;

/// <summary>The rows of an answer in the format Native: blocks of columns, each with its name and type.</summary>
internal sealed class ClickHouseRows : ICatalogRows
{
    private readonly ClickHouseServer _server;
    private readonly HttpResponseMessage _response;
    private readonly NativeReader _reader;
    private readonly CancellationToken _cancellation;
    private NativeColumn[] _columns = [];
    private int _row;

    internal ClickHouseRows(ClickHouseServer server, HttpResponseMessage response, CancellationToken cancellation)
    {
        (_server, _response, _cancellation) = (server, response, cancellation);
        _reader = new NativeReader(new UnhurriedStream(response.Content.ReadAsStream(cancellation)));
    }

    /// <summary>Number of columns.</summary>
    internal int ColumnCount => _columns.Length;

    /// <summary>Rows of the block at hand.</summary>
    internal int Count { get; private set; }

    /// <summary>A column of the block at hand.</summary>
    internal NativeColumn Column(int column) => _columns[column];

    /// <summary>Goes to the next block that has rows; false at the end.</summary>
    /// <exception cref="NixStoreException">ClickHouseShardUnavailable, ClickHouseAnswerInvalid</exception>
    /// <exception cref="OperationCanceledException"/>
    internal bool ReadBlock()
    {
        _cancellation.ThrowIfCancellationRequested();
        try
        {
            do
            {
                if (_reader.TryReadBlock() is not { } block)
                {
                    Count = 0;
                    return false;
                }

                (_columns, Count, _row) = (block.Columns, block.Rows, -1);
            }
            while (Count == 0);
            return true;
        }
        catch (InvalidDataException error)
        {
            throw new NixStoreException("ClickHouseAnswerInvalid", StoreErrorKind.InvalidData, $"The ClickHouse server {_server.Name} gives an answer that cannot be read: {error.Message}.", _server.Name,
                "Check that the address is that of the HTTP interface.", error);
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            throw _server.Lost(error);
        }
    }

    /// <inheritdoc/>
    public bool Read() => ++_row < Count || (ReadBlock() && ++_row < Count);

    /// <inheritdoc/>
    public bool IsNull(int column) => _columns[column].IsNull(_row);

    /// <inheritdoc/>
    public long GetInt64(int column) => _columns[column].Int64At(_row);

    /// <inheritdoc/>
    public long? TryGetInt64(int column) => IsNull(column) ? null : GetInt64(column);

    /// <inheritdoc/>
    public string GetText(int column) => Encoding.UTF8.GetString(_columns[column].BytesAt(_row));

    /// <inheritdoc/>
    public string? TryGetText(int column) => IsNull(column) ? null : GetText(column);

    /// <inheritdoc/>
    public DateTimeOffset? TryGetTime(int column)
        => !IsNull(column) && GetInt64(column) is var milliseconds && milliseconds >= DateTimeOffset.MinValue.ToUnixTimeMilliseconds() && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;

    /// <inheritdoc/>
    public string[] GetTexts(int column)
    {
        var (elements, start, count) = _columns[column].ListAt(_row);
        var texts = new string[count];
        for (var i = 0; i < count; i++)
        {
            texts[i] = elements.IsNull(start + i) ? "" : Encoding.UTF8.GetString(elements.BytesAt(start + i));
        }

        return texts;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _reader.Dispose();
        _response.Dispose();
    }
}
