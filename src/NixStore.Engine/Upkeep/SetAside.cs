using NixStore.Engine.Native;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Upkeep;

/// <summary>Moves what is in the way of Nix to <c>&lt;state&gt;/nixstore/set-aside</c>.</summary>
/// <param name="kind">What it mends.</param>
/// <param name="directory">The directory that it is in.</param>
/// <param name="name">Its name, NUL-terminated.</param>
/// <param name="seen">What was seen there: another file of that name stays, whose inode may be the same one, used again.</param>
internal sealed class SetAside(StoreRepairStepKind kind, string directory, byte[] name, FileStatus seen) : UpkeepMend(
    kind, $"{directory}/{ByteName.ToDisplay(name)}", $"set aside '{directory}/{ByteName.ToDisplay(name)}'")
{
    /// <inheritdoc/>
    internal override void Apply(MendedStore store, CancellationToken cancellation)
    {
        using var opened = WritableMount.OpenDirectory(directory);
        if (Posix.TryStatusAt(opened, name, out var status, out _) && status.IsSameFile(seen) && status.ChangeTime == seen.ChangeTime)
        {
            store.SetAside(opened, name);
        }
    }
}
