using NixStore.Engine.Archive;
using NixStore.Engine.Database;
using NixStore.Engine.Locks;
using NixStore.Engine.Native;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Repair;

/// <summary>
/// Removes what <c>nix-store --realise --check</c> leaves in a store when a result differs, as it always does for a
/// <see cref="Rebuilder"/>: lock files, other outputs' <c>.check</c>, and the outputs that were compared, under the paths that Nix builds
/// them in (Nix libstore/unix/build/derivation-builder.cc:makeFallbackPath).
/// </summary>
/// <param name="store">The store.</param>
/// <param name="database">Its database: what is registered is nobody's leftover.</param>
internal sealed class BuildLeftovers(WritableStore store, StoreDatabase database)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);
    private static readonly NixHash s_zero = new(NixHashAlgorithm.Sha256, new byte[32]);
    private readonly StorePathFactory _factory = new(store.Location.Directory);

    /// <summary>Removes what the check of a derivation left.</summary>
    /// <param name="deriver">The derivation.</param>
    /// <param name="wanted">The output whose <c>.check</c> is the result, which stays.</param>
    /// <param name="cancellation">Ends waiting for locks.</param>
    internal void Remove(StorePath deriver, StorePath wanted, CancellationToken cancellation)
    {
        foreach (var text in database.FindOutputs(store.Location.Directory.Print(deriver)).Values)
        {
            if (!store.Location.Directory.TryParse(text, out var output))
            {
                continue;
            }

            try
            {
                // Nobody builds the derivation while its output is locked, so what is there is left over; unlocking removes the file.
                using var held = PathLock.Acquire(store.Directory, output, s_patience, cancellation);
                RemoveUnregistered(_factory.MakeStorePath($"rewrite:{deriver.BaseName}:{output.BaseName}", s_zero, output.Name));
                if (!output.Equals(wanted))
                {
                    TreeRemover.Remove(store.Directory, ByteName.From(output.BaseName + ".check"));
                }
            }
            catch (NixStoreException error) when (error is StoreIOException || error.ErrorId == "StoreLocked")
            {
                // Somebody else builds it, or it cannot be removed: the next collection does it.
            }
        }
    }

    private void RemoveUnregistered(StorePath path)
    {
        if (database.Find(store.Location.Directory.Print(path)) is null)
        {
            TreeRemover.Remove(store.Directory, ByteName.From(path.BaseName));
        }
    }
}
