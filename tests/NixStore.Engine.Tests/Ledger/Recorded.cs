using NixStore.Engine.Archive;
using NixStore.Engine.Ledger;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Tests.Ledger;

/// <summary>Makes records of what is in a store directory.</summary>
internal static class Recorded
{
    /// <summary>By reading contents.</summary>
    internal static (TreeRecord Record, NarHash Hash) ByReading(StoreLocation store, StorePath path)
    {
        using var directory = Posix.Open(store.RealDirectory, OpenFlags.ReadOnly | OpenFlags.Directory);
        using var hasher = new NarHasher();
        var recorder = new TreeRecorder();
        var hash = hasher.HashTree(directory, ByteName.From(path.BaseName), recorder);
        recorder.Record.Sort();
        return (recorder.Record, hash);
    }

    /// <summary>By looking.</summary>
    internal static TreeRecord ByLooking(StoreLocation store, StorePath path)
    {
        using var looker = new TreeLooker(store);
        Assert.True(looker.Look(path, CancellationToken.None));
        Assert.Empty(looker.Errors);
        return looker.Record;
    }

    /// <summary>The store path of a file of the store directory.</summary>
    internal static StorePath PathOf(string realPath) => StorePath.TryParse(Path.GetFileName(realPath), out var path) ? path : throw new ArgumentException(realPath);
}
