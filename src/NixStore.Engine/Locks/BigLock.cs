using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Locks;

/// <summary>
/// <c>db/big-lock</c>, held shared by every process that has the store open for more than reading, and exclusively while a schema is
/// migrated (GC-SPEC §1; Nix libstore/local-store.cc:LocalStore). Disposing it releases it.
/// </summary>
public sealed class BigLock : IDisposable
{
    private readonly FileDescriptor _file;

    private BigLock(FileDescriptor file) => _file = file;

    /// <summary>Takes it shared, as for normal work.</summary>
    /// <exception cref="NixStoreException">StoreLocked: somebody migrates the schema.</exception>
    /// <exception cref="StoreIOException"/>
    public static BigLock AcquireShared(StoreLocation store, TimeSpan timeout, CancellationToken cancellation)
    {
        var path = $"{store.StateDirectory}/db/big-lock";
        var file = Posix.Open(path, OpenFlags.ReadWrite | OpenFlags.Create, LockFile.Mode);
        try
        {
            LockFile.Wait(file, LockMode.Shared, timeout, cancellation, "the schema of the store is being changed by another process");
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
