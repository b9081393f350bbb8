using NixStore.Engine.Database;
using NixStore.Engine.Liveness;
using NixStore.Engine.Native;
using NixStore.Engine.Trees;

namespace NixStore.Engine.Collection;

/// <summary>A thing on its way out, in the batch that takes it.</summary>
/// <param name="item">What it is.</param>
/// <param name="tree">Its files.</param>
internal sealed class Doomed(GarbageItem item, DoomedTree tree) : IDisposable
{
    /// <summary>What it is.</summary>
    internal GarbageItem Item { get; } = item;

    /// <summary>Its files, when <see cref="Exists"/>.</summary>
    internal DoomedTree Tree { get; } = tree;

    /// <summary>True when there are files.</summary>
    internal bool Exists { get; private set; }

    /// <summary>What its files take.</summary>
    internal TreeUsage Usage { get; private set; } = TreeUsage.None;

    /// <summary>What went wrong, or would.</summary>
    internal NixStoreException? Error { get; set; }

    /// <summary>True when somebody works on it: a lock file or staging directory that is locked, a link that is being renamed.</summary>
    internal bool IsBusy { get; private set; }

    /// <summary>True while roots for it wait.</summary>
    internal bool IsPending { get; set; }

    /// <summary>What the database knew of it; null when it was not registered.</summary>
    internal ForgottenRow? Row { get; set; }

    /// <summary>Held until it is gone, where others would lock it.</summary>
    private FileDescriptor? Lock { get; set; }

    /// <summary>Looks at it; errors are kept for later.</summary>
    internal void Look(FileDescriptor store)
    {
        try
        {
            IsBusy = Item.Entry is not null && !TryLock(store, Item.Entry);
            Exists = !IsBusy && Item.Kind != StoreGarbageKind.Ghost && Tree.Look(store, Item.FileName);
            Usage = Exists ? TreeUsage.Of(Tree) : TreeUsage.None;
            Error = Usage.Obstacle;
        }
        catch (StoreIOException error)
        {
            Error = error;
        }
    }

    /// <summary>Tells those who wait for a lock file that it is gone, as whoever unlinks one must (Nix libstore/unix/pathlocks.cc:deleteLockFile).</summary>
    internal void MarkStale()
    {
        if (Lock is not null && Item.Entry is { IsLockFile: true })
        {
            Posix.WriteAll(Lock, "d"u8);
        }
    }

    public void Dispose() => Lock?.Dispose();

    /// <summary>
    /// A builder holds the lock file of its output, an importer its staging directory; an optimisation renames its link at once
    /// (GC-SPEC §6.7).
    /// </summary>
    private bool TryLock(FileDescriptor store, UnregisteredEntry entry)
    {
        if (entry.IsTemporaryLink)
        {
            return Posix.TryStatusAt(store, Item.FileName, out var link, out _) && DateTimeOffset.UtcNow - link.ChangeTime > TimeSpan.FromMinutes(10);
        }

        if (!entry.IsLockFile && !entry.IsStaging)
        {
            return true;
        }

        var flags = entry.IsStaging ? OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow : OpenFlags.ReadWrite | OpenFlags.NoFollow | OpenFlags.NonBlocking;
        Lock = Posix.TryOpenAt(store, Item.FileName, flags, 0, out var error);
        return Lock is null ? error is Errno.NotDirectory or Errno.Loop : Posix.TryFlock(Lock, LockMode.Exclusive);
    }
}
