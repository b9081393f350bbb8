using NixStore.Engine.Native;

namespace NixStore.Engine.Generations;

/// <summary>Removes generations of a profile under its lock, one unlink each: a kill at any moment leaves a profile that is whole.</summary>
public static class GenerationRemover
{
    /// <summary>Removes what a selection chooses once the lock is held.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="selection">Which generations go.</param>
    /// <param name="approved">Which of them were agreed to; others stay, even if they are chosen now.</param>
    /// <param name="timeout">How long to wait for whoever changes the profile.</param>
    /// <param name="removed">Gets each that was removed.</param>
    /// <param name="failed">Gets an error for each that was agreed to and could not be removed.</param>
    /// <param name="cancellation">Ends it between two generations.</param>
    /// <exception cref="NixStoreException">StoreLocked, CurrentGenerationUnknown</exception>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="OperationCanceledException"/>
    public static void Remove(
        StoreProfile profile, IGenerationSelection selection, IReadOnlyCollection<StoreGeneration> approved, TimeSpan timeout,
        Action<StoreGeneration> removed, Action<NixStoreException> failed, CancellationToken cancellation)
    {
        var agreed = approved.Select(generation => (generation.Number, generation.Path)).ToHashSet();
        using var directory = profile.Open();
        using var held = profile.Lock(directory, timeout, cancellation);
        var choice = selection.Choose(profile.Path, profile.Read(directory));
        foreach (var error in choice.Errors)
        {
            failed(error);
        }

        // What happened to the profile since it was looked at counts: a number may be another generation's, or the current one's, by now.
        foreach (var generation in choice.Removable.Where(generation => agreed.Contains((generation.Number, generation.Path))))
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                Posix.UnlinkAt(directory, ByteName.From(GenerationName.Of(profile.Name, generation.Number)));
                removed(generation);
            }
            catch (StoreIOException error)
            {
                failed(error);
            }
        }
    }
}
