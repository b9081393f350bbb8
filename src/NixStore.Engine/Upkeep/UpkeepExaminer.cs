using NixStore.Engine.Stores;

namespace NixStore.Engine.Upkeep;

/// <summary>
/// Finds what is wrong with a store around its paths and its database: room and mounts, the directory <c>.links</c>, roots, and the state
/// directory. It changes nothing, not even an access time. Each family of checks is by itself (<see cref="IUpkeepCheck"/>): where one
/// cannot be made, a finding says so and the others go on.
/// </summary>
public static class UpkeepExaminer
{
    private static readonly IUpkeepCheck[] s_checks =
    [
        new UnmountedCheck(), new StoreDirectoryCheck(), new FileSystemCheck(), new SpaceCheck(),
        new StateDirectoryCheck(), new OwnershipCheck(), new LockFileCheck(), new LeftoverCheck(),
        new RootLinkCheck(), new ProfileCheck(), new TemporaryRootsCheck(),
        new LinksCheck(),
    ];

    /// <summary>Looks at a store.</summary>
    /// <param name="store">The store; it need not be there.</param>
    /// <param name="options">What to look at.</param>
    /// <param name="found">Gets each finding when it is made, from one thread at a time.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException"/>
    public static void Examine(StoreLocation store, UpkeepOptions options, Action<StoreFinding> found, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(found);
        Look(store, options, fault => found(fault.Finding), cancellation);
    }

    /// <summary>As <see cref="Examine"/>, with what mends each.</summary>
    internal static void Look(StoreLocation store, UpkeepOptions options, Action<UpkeepFault> found, CancellationToken cancellation)
    {
        var upkept = new UpkeptStore(store, options, cancellation);
        foreach (var check in s_checks)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                check.Run(upkept, found);
            }
            catch (NixStoreException error)
            {
                cancellation.ThrowIfCancellationRequested();
                found(new UpkeepFault(upkept.Finding(
                    check.Area, "CheckFailed", StoreFindingSeverity.Warning, error.Target, $"{check.Subject}: {error.Message}", error.Remedy)));
            }
        }
    }
}
