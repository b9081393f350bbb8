using System.Globalization;
using NixStore.Engine.Native;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Upkeep;

/// <summary>Gives a file of the store's own to its owner, with the permissions that Nix needs.</summary>
/// <param name="kind">What it mends.</param>
/// <param name="path">The file.</param>
/// <param name="owner">User id.</param>
/// <param name="mode">The twelve permission bits.</param>
internal sealed class SetPermissions(StoreRepairStepKind kind, string path, uint owner, int mode) : UpkeepMend(
    kind, path, string.Create(CultureInfo.InvariantCulture, $"give '{path}' to user {owner}, with mode {Convert.ToString(mode, 8)}"))
{
    /// <inheritdoc/>
    internal override void Apply(MendedStore store, CancellationToken cancellation)
    {
        using var parent = WritableMount.OpenDirectory(System.IO.Path.GetDirectoryName(Path)!);
        var name = ByteName.From(System.IO.Path.GetFileName(Path));
        var status = Posix.StatusAt(parent, name);
        if (status.Type == FileType.SymbolicLink)
        {
            return;
        }

        // Changing the owner takes some of the bits away.
        if (status.Owner != owner)
        {
            Posix.FchownAt(parent, name, owner, status.Group);
        }

        Posix.FchmodAt(parent, name, mode);
    }
}
