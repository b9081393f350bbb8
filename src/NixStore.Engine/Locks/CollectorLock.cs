using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Locks;

/// <summary>
/// <c>gc.lock</c>, held exclusively for a whole collection (GC-SPEC §1; Nix libstore/gc.cc:collectGarbage): while it is held, no other
/// collection runs, and whoever adds a temporary root must ask the collector's socket. Held shared it only keeps collections away. Disposing
/// it releases it.
/// </summary>
public sealed class CollectorLock : IDisposable
{
    private readonly FileDescriptor _file;

    private CollectorLock(FileDescriptor file) => _file = file;

    /// <summary>Waits for it.</summary>
    /// <param name="store">The store.</param>
    /// <param name="timeout">How long to wait for another collection or verification; infinite when negative.</param>
    /// <param name="waiting">Called once when there is something to wait for.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="NixStoreException">StoreLocked</exception>
    /// <exception cref="StoreIOException"/>
    public static CollectorLock Acquire(StoreLocation store, TimeSpan timeout, Action? waiting, CancellationToken cancellation)
        => Acquire(store, LockMode.Exclusive, timeout, waiting, "another collection or verification runs", cancellation);

    /// <summary>
    /// Waits for it shared, as a verification by Nix does (Nix libstore/local-store.cc:verifyStore): no collection runs then, and temporary
    /// roots are added without asking anybody.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="timeout">How long to wait for a collection; infinite when negative.</param>
    /// <param name="waiting">Called once when there is something to wait for.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="NixStoreException">StoreLocked</exception>
    /// <exception cref="StoreIOException"/>
    public static CollectorLock AcquireShared(StoreLocation store, TimeSpan timeout, Action? waiting, CancellationToken cancellation)
        => Acquire(store, LockMode.Shared, timeout, waiting, "a collection runs", cancellation);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static CollectorLock Acquire(
        StoreLocation store, LockMode mode, TimeSpan timeout, Action? waiting, string holder, CancellationToken cancellation)
    {
        var file = Posix.Open($"{store.StateDirectory}/gc.lock", OpenFlags.ReadWrite | OpenFlags.Create, LockFile.Mode);
        try
        {
            if (!Posix.TryFlock(file, mode))
            {
                waiting?.Invoke();
                LockFile.Wait(file, mode, timeout, cancellation, holder);
            }

            return new CollectorLock(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
