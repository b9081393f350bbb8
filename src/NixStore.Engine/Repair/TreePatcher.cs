using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Repair;

/// <summary>
/// Applies a patch: everything staged is durable before the first rename, each rename is atomic, and directories get their canonical
/// metadata back. Killed anywhere, the tree has lost nothing: each entry is as it was or as it should be.
/// </summary>
internal static class TreePatcher
{
    private const int OwnerWritable = 0b111_101_101;

    /// <summary>Applies the changes to an object of the store.</summary>
    /// <exception cref="StoreIOException"/>
    internal static void Apply(WritableStore store, string baseName, TreePatch patch, StagingDirectory staging)
    {
        Posix.Fsync(staging.Directory);
        foreach (var change in patch.Changes)
        {
            using var location = TreeLocation.Find(store.Directory, baseName, change.Path);
            if (change is TreeChange.SetMode mode)
            {
                SetMode(location, mode.IsExecutable);
                continue;
            }

            InWritable(location, () => Rename(change, location, staging));
        }
    }

    /// <summary>Puts another hard link of a staged file in the place of an entry.</summary>
    /// <exception cref="StoreIOException"/>
    internal static void ExchangeForLink(FileDescriptor directory, byte[] name, FileDescriptor goodDirectory, byte[] good, StagingDirectory staging, bool insideObject)
    {
        var link = staging.NewName();
        Posix.LinkAt(goodDirectory, good, staging.Directory, link);
        Posix.Fsync(staging.Directory);
        if (insideObject)
        {
            ImmutableFlag.Clear(directory);
        }

        Posix.ExchangeAt(staging.Directory, link, directory, name);
        Settle(directory, insideObject);
    }

    private static void Rename(TreeChange change, TreeLocation location, StagingDirectory staging)
    {
        switch (change)
        {
            case TreeChange.Create create:
                MakeMovable(staging.Directory, create.Staged);
                Posix.RenameNoReplaceAt(staging.Directory, create.Staged, location.Directory, location.Name);
                MakeCanonical(location.Directory, location.Name);
                break;
            case TreeChange.Replace replace:
                MakeMovable(staging.Directory, replace.Staged);
                ImmutableFlag.Clear(location.Directory, location.Name);
                MakeMovable(location.Directory, location.Name);
                Posix.ExchangeAt(staging.Directory, replace.Staged, location.Directory, location.Name);
                MakeCanonical(location.Directory, location.Name);
                break;
            case TreeChange.Remove:
                ImmutableFlag.Clear(location.Directory, location.Name);
                MakeMovable(location.Directory, location.Name);
                Posix.RenameNoReplaceAt(location.Directory, location.Name, staging.Directory, staging.NewName());
                break;
        }
    }

    private static void SetMode(TreeLocation location, bool isExecutable)
    {
        using var file = Posix.OpenAt(location.Directory, location.Name, OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NonBlocking);
        ImmutableFlag.Clear(file);
        Posix.Fchmod(file, isExecutable ? CanonicalMetadata.ExecutableMode : CanonicalMetadata.FileMode);
        Posix.Fsync(file);
    }

    /// <summary>Renames in a directory of a store object: for anyone but root it must be writable meanwhile.</summary>
    private static void InWritable(TreeLocation location, Action rename)
    {
        if (location.IsInsideObject)
        {
            ImmutableFlag.Clear(location.Directory);
        }

        if (location.IsInsideObject && Posix.EffectiveUserId != 0)
        {
            Posix.Fchmod(location.Directory, OwnerWritable);
        }

        try
        {
            rename();
        }
        finally
        {
            Settle(location.Directory, location.IsInsideObject);
        }
    }

    /// <summary>After names changed: the directory's canonical metadata, then its durability.</summary>
    private static void Settle(FileDescriptor directory, bool insideObject)
    {
        if (insideObject)
        {
            Posix.Fchmod(directory, CanonicalMetadata.ExecutableMode);
            Posix.SetModificationTime(directory, CanonicalMetadata.ModificationTime);
        }

        Posix.Fsync(directory);
    }

    /// <summary>A directory that moves to another parent changes its "..": without privileges it must be writable for that.</summary>
    private static void MakeMovable(FileDescriptor parent, byte[] name) => SetDirectoryMode(parent, name, OwnerWritable);

    private static void MakeCanonical(FileDescriptor parent, byte[] name) => SetDirectoryMode(parent, name, CanonicalMetadata.ExecutableMode);

    private static void SetDirectoryMode(FileDescriptor parent, byte[] name, int mode)
    {
        if (Posix.EffectiveUserId != 0 && Posix.StatusAt(parent, name).Type == FileType.Directory)
        {
            Posix.FchmodAt(parent, name, mode);
        }
    }
}
