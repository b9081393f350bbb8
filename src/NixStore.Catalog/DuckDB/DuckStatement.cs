using System.Text;

namespace NixStore.Catalog.DuckDB;

/// <summary>A prepared statement.</summary>
internal sealed unsafe class DuckStatement : IDisposable
{
    private readonly DuckSession _session;
    private nint _statement;

    internal DuckStatement(DuckSession session, nint statements, nuint index)
    {
        _session = session;
        if (DuckLibrary.PrepareExtracted(session.Connection, statements, index, out _statement) != DuckLibrary.Success)
        {
            var failure = DuckException.From(DuckLibrary.PrepareError(_statement));
            Dispose();
            throw failure;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_statement != 0)
        {
            DuckLibrary.DestroyPrepare(ref _statement);
        }
    }

    /// <summary>Gives the parameters their values.</summary>
    internal void Bind(ReadOnlySpan<object?> parameters)
    {
        if (DuckLibrary.ParameterCount(_statement) != (nuint)parameters.Length)
        {
            throw DuckException.From($"Binder Error: {DuckLibrary.ParameterCount(_statement)} parameters are wanted, {parameters.Length} given.");
        }

        for (var i = 0; i < parameters.Length; i++)
        {
            var index = (nuint)i + 1;
            var state = parameters[i] switch
            {
                null => DuckLibrary.BindNull(_statement, index),
                string text => BindText(index, text),
                bool value => DuckLibrary.BindBoolean(_statement, index, value ? (byte)1 : (byte)0),
                int value => DuckLibrary.BindInt64(_statement, index, value),
                long value => DuckLibrary.BindInt64(_statement, index, value),
                double value => DuckLibrary.BindDouble(_statement, index, value),
                DateTimeOffset value => DuckLibrary.BindTimestamp(_statement, index, (value.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond),
                IReadOnlyList<string> list => BindList(index, list),
                var other => throw new ArgumentException($"A {other.GetType()} cannot be a parameter.", nameof(parameters)),
            };
            if (state != DuckLibrary.Success)
            {
                throw DuckException.From(DuckLibrary.PrepareError(_statement));
            }
        }
    }

    /// <summary>Runs it to its end.</summary>
    internal long Execute(CancellationToken cancellation)
    {
        int state;
        DuckResult result;
        using (cancellation.Register(_session.Interrupt))
        {
            state = DuckLibrary.Execute(_statement, out result);
        }

        try
        {
            if (state != DuckLibrary.Success)
            {
                cancellation.ThrowIfCancellationRequested();
                throw DuckException.From(DuckLibrary.ResultError(ref result));
            }

            return (long)DuckLibrary.RowsChanged(ref result);
        }
        finally
        {
            DuckLibrary.DestroyResult(ref result);
        }
    }

    /// <summary>Starts it; its rows own the statement then.</summary>
    internal DuckRows Query(CancellationToken cancellation)
    {
        int state;
        DuckResult result;
        using (cancellation.Register(_session.Interrupt))
        {
            state = DuckLibrary.ExecuteStreaming(_statement, out result);
        }

        if (state == DuckLibrary.Success)
        {
            return new DuckRows(_session, this, result, cancellation);
        }

        try
        {
            cancellation.ThrowIfCancellationRequested();
            throw DuckException.From(DuckLibrary.ResultError(ref result));
        }
        finally
        {
            DuckLibrary.DestroyResult(ref result);
        }
    }

    private int BindText(nuint index, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        fixed (byte* pointer = bytes)
        {
            var none = (byte)0;
            return DuckLibrary.BindText(_statement, index, bytes.Length == 0 ? &none : pointer, (nuint)bytes.Length);
        }
    }

    private int BindList(nuint index, IReadOnlyList<string> list)
    {
        var values = new nint[Math.Max(list.Count, 1)];
        var type = DuckLibrary.CreateType(DuckType.Text);
        nint whole = 0;
        try
        {
            for (var i = 0; i < list.Count; i++)
            {
                var bytes = Encoding.UTF8.GetBytes(list[i] + "\0");
                fixed (byte* pointer = bytes)
                {
                    values[i] = DuckLibrary.CreateText(pointer, (nuint)bytes.Length - 1);
                }
            }

            fixed (nint* pointer = values)
            {
                whole = DuckLibrary.CreateList(type, pointer, (nuint)list.Count);
            }

            return DuckLibrary.BindValue(_statement, index, whole);
        }
        finally
        {
            for (var i = 0; i < list.Count; i++)
            {
                DuckLibrary.DestroyValue(ref values[i]);
            }

            DuckLibrary.DestroyValue(ref whole);
            DuckLibrary.DestroyType(ref type);
        }
    }
}
