namespace NixStore.Caches.BinaryCaches;

/// <summary>A file whose contents are written before its name is known, and which is nowhere in the cache until it is published.</summary>
internal abstract class StagedFile : IDisposable
{
    /// <summary>Where its contents go.</summary>
    public abstract Stream Stream { get; }

    /// <summary>Reads what was written; nothing is written afterwards.</summary>
    public abstract Stream OpenRead();

    /// <summary>Puts it into the cache under a name.</summary>
    /// <param name="relative">The name.</param>
    /// <param name="hash">SHA-256 of the contents.</param>
    /// <param name="cancellation">Stops.</param>
    public abstract void Publish(string relative, NixHash hash, CancellationToken cancellation);

    /// <summary>Removes what has not been published.</summary>
    public abstract void Dispose();
}
