using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Upkeep;

/// <summary>
/// Takes a wrong entry out of <c>.links</c>, as Nix does (<c>nix-store --verify --check-contents --repair</c>), so that no optimisation puts
/// it in the place of good files. Nothing is lost: contents that a path shares live on in the path, and those that none shares are worth
/// nothing. A directory, which no Nix has made, is set aside unless it is empty.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="name">The entry, NUL-terminated.</param>
internal sealed class RemoveLink(StoreLocation store, byte[] name) : UpkeepMend(
    StoreRepairStepKind.MendLink, $"{store.LinksDirectory}/{ByteName.ToDisplay(name)}",
    $"take '{ByteName.ToDisplay(name)}' out of '{store.LinksDirectory}'")
{
    /// <inheritdoc/>
    internal override void Apply(MendedStore store, CancellationToken cancellation)
    {
        var links = store.OpenLinks(cancellation);
        using var examiner = new LinkExaminer(store.Location, links, Posix.StatusAt(links, ".\0"u8).Owner, checksContents: true);
        if (examiner.Examine(name, cancellation) is null)
        {
            return;
        }

        if (Posix.StatusAt(links, name).Type != FileType.Directory)
        {
            Posix.UnlinkAt(links, name);
            return;
        }

        try
        {
            Posix.RmdirAt(links, name);
        }
        catch (StoreIOException error) when (error.ErrorNumber == Errno.NotEmpty)
        {
            store.SetAside(links, name);
        }
    }
}
