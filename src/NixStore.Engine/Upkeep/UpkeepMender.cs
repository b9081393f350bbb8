using NixStore.Engine.Stores;

namespace NixStore.Engine.Upkeep;

/// <summary>
/// Puts right what <see cref="UpkeepExaminer"/> finds and what can be put right without a person's judgement. What could be of value is moved
/// to <c>&lt;state&gt;/nixstore/set-aside</c>, not deleted. Each step is whole or not at all, even after a crash, and works beside a
/// running Nix.
/// </summary>
public sealed class UpkeepMender : IDisposable
{
    private readonly MendedStore _store;

    private UpkeepMender(MendedStore store) => _store = store;

    /// <summary>
    /// Looks, and tells what would be done, in the order in which it is to be done: state directory, roots, links. The links are best mended
    /// after the paths: a repair of paths mends the links that these share, and what is still wrong then is of use to nobody.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="options">What to look at.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException"/>
    public static IReadOnlyList<UpkeepMend> Plan(StoreLocation store, UpkeepOptions options, CancellationToken cancellation)
    {
        var mends = new List<UpkeepMend>();
        UpkeepExaminer.Look(store, options, fault => mends.AddRange(fault.Mends), cancellation);
        return mends;
    }

    /// <summary>Opens a store for mending. Locks are taken when the first step needs them, and kept until disposal.</summary>
    /// <param name="store">The store.</param>
    /// <param name="timeout">How long to wait for a running collection; infinite when negative.</param>
    /// <param name="waiting">Called once when there is something to wait for.</param>
    /// <exception cref="NixStoreException">StoreReadOnly</exception>
    public static UpkeepMender Open(StoreLocation store, TimeSpan timeout, Action? waiting = null)
    {
        StoreAccess.EnsureWritable(store);
        return new UpkeepMender(new MendedStore(store, timeout, waiting));
    }

    /// <summary>Applies a step. When it fails, everything is as it was before it.</summary>
    /// <exception cref="NixStoreException">StoreLocked, SetAsideOnOtherFileSystem, and what the system says.</exception>
    /// <exception cref="OperationCanceledException"/>
    public void Apply(UpkeepMend mend, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(mend);
        mend.Apply(_store, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose() => _store.Dispose();
}
