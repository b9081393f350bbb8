namespace NixStore.PowerShell.Commands;

/// <summary>
/// What a command and its work on other threads use together: stores, caches, keys. Closed when neither needs it any more. A command that was
/// stopped does not wait for its work, and work must not find its descriptors closed, or worse, their numbers given to other files.
/// </summary>
internal sealed class KeptOpen : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Stack<IDisposable> _items = new();

    // The command itself is one.
    private int _users = 1;

    /// <summary>Keeps something from now on.</summary>
    public T Add<T>(T item)
        where T : IDisposable
    {
        lock (_gate)
        {
            _items.Push(item);
        }

        return item;
    }

    /// <summary>Keeps all of it open until the result is disposed, too.</summary>
    /// <exception cref="OperationCanceledException">It is closed already.</exception>
    public IDisposable Use()
    {
        lock (_gate)
        {
            _users = _users > 0 ? _users + 1 : throw new OperationCanceledException();
            return new User(this);
        }
    }

    /// <summary>The command needs it no more. To be called once.</summary>
    public void Dispose() => Release();

    private void Release()
    {
        lock (_gate)
        {
            if (--_users == 0)
            {
                while (_items.TryPop(out var item))
                {
                    item.Dispose();
                }
            }
        }
    }

    private sealed class User(KeptOpen kept) : IDisposable
    {
        public void Dispose() => kept.Release();
    }
}
