using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Upkeep;

/// <summary>Makes a directory that Nix makes when it opens the store (Nix libstore/local-store.cc:LocalStore): 0755, of the store's owner.</summary>
/// <param name="kind">What it mends.</param>
/// <param name="path">The directory.</param>
internal sealed class MakeDirectory(StoreRepairStepKind kind, string path)
    : UpkeepMend(kind, path, $"make the directory '{path}'")
{
    private const int Mode = 0b111_101_101;

    /// <inheritdoc/>
    internal override void Apply(MendedStore store, CancellationToken cancellation)
    {
        using var parent = WritableMount.OpenDirectory(System.IO.Path.GetDirectoryName(Path)!);
        var name = ByteName.From(System.IO.Path.GetFileName(Path));
        if (Posix.TryStatusAt(parent, name, out _, out _))
        {
            return;
        }

        Posix.MkdirAt(parent, name, Mode);
        if (Posix.EffectiveUserId == 0)
        {
            var owner = StoreOwner.Of(parent);
            Posix.FchownAt(parent, name, owner.User, owner.Group);
        }

        Posix.Fsync(parent);
    }
}
