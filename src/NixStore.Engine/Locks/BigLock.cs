using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Locks;

/// <summary>
/// <c>db/big-lock</c>, held shared by every process that has the store open for more than reading, and exclusively while a schema is
/// migrated or the database replaced (GC-SPEC §1; Nix libstore/local-store.cc:LocalStore). Disposing it releases it.
/// </summary>
public sealed class BigLock : IDisposable
{
    private readonly FileDescriptor _file;

    private BigLock(FileDescriptor file) => _file = file;

    /// <summary>Takes it shared, as for normal work.</summary>
    /// <exception cref="NixStoreException">StoreLocked: somebody migrates the schema.</exception>
    /// <exception cref="StoreIOException"/>
    public static BigLock AcquireShared(StoreLocation store, TimeSpan timeout, CancellationToken cancellation)
        => Acquire(store, LockMode.Shared, timeout, null, "the schema of the store is being changed by another process", cancellation);

    /// <summary>
    /// Takes it exclusively, as for a migration: nobody has the store open for more than reading then, and nobody opens it. It may take hours
    /// where something is being built.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="timeout">How long to wait; infinite when negative.</param>
    /// <param name="waiting">Called once when there is something to wait for.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="NixStoreException">StoreLocked: somebody has the store open.</exception>
    /// <exception cref="StoreIOException"/>
    public static BigLock AcquireExclusive(StoreLocation store, TimeSpan timeout, Action? waiting, CancellationToken cancellation)
        => Acquire(store, LockMode.Exclusive, timeout, waiting, "other processes have the store open", cancellation);

    private static BigLock Acquire(
        StoreLocation store, LockMode mode, TimeSpan timeout, Action? waiting, string holder, CancellationToken cancellation)
    {
        var file = Posix.Open($"{store.StateDirectory}/db/big-lock", OpenFlags.ReadWrite | OpenFlags.Create, LockFile.Mode);
        try
        {
            if (!Posix.TryFlock(file, mode))
            {
                waiting?.Invoke();
                LockFile.Wait(file, mode, timeout, cancellation, holder);
            }

            return new BigLock(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
