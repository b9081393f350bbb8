namespace NixStore;

/// <summary>
/// Store paths that no collector deletes until this object is disposed or the process that made it ends. Losing the object does not end the
/// protection.
/// </summary>
public sealed class StorePathProtection : IDisposable
{
    private IDisposable? _roots;

    /// <summary>Wraps what protects.</summary>
    /// <param name="store">URL of the store.</param>
    /// <param name="path">Full logical paths.</param>
    /// <param name="roots">What ends the protection when it is disposed.</param>
    public StorePathProtection(string store, IReadOnlyList<string> path, IDisposable roots)
    {
        Store = store;
        Path = path;
        _roots = roots;
    }

    /// <summary>URL of the store.</summary>
    public string Store { get; }

    /// <summary>Full logical paths that are protected, with all they need.</summary>
    public IReadOnlyList<string> Path { get; }

    /// <summary>The process that holds the protection: this one.</summary>
    public int Pid { get; } = Environment.ProcessId;

    /// <summary>True until it is disposed.</summary>
    public bool Active => _roots is not null;

    /// <summary>Ends the protection.</summary>
    public void Dispose() => Interlocked.Exchange(ref _roots, null)?.Dispose();

    /// <inheritdoc/>
    public override string ToString() => string.Join(' ', Path);
}
