using NixStore.Engine.Native;

namespace NixStore.Engine.Overlay.Mending;

/// <summary>Removes the row of a path whose files are in no layer.</summary>
/// <param name="path">The path.</param>
/// <param name="referrers">Which rows refer to it, as the end of a sentence; they were removed before.</param>
internal sealed class RemoveRow(string path, string referrers) : OverlayMend(
    OverlayRepairAction.RemoveRow, path, $"remove the row of {path} from the overlay store's database{referrers}")
{
    /// <inheritdoc/>
    internal override void Apply(MendedOverlay store, CancellationToken cancellation)
    {
        var gone = store.Location.Directory.Parse(Path);
        var writable = store.Open(cancellation);
        using var held = writable.Protect(gone, cancellation);
        if (store.HasFiles(gone) || Posix.TryStatusAt(writable.Directory, ByteName.From(gone.BaseName), out _, out _) || store.LowerRows.IsRegistered(Path))
        {
            throw new NixStoreException("PathIsBack", StoreErrorKind.Busy, $"'{Path}' is there again, so its row stays.", Path,
                "Run Test-OverlayStore again; if the overlay shows what no layer has, remount it first.");
        }

        if (store.Rows.Find(Path) is { } row && writable.Database.Forget([row.Id]).Count > 0)
        {
            throw new NixStoreException("PathHasReferrers", StoreErrorKind.Busy, $"The row of '{Path}' stays, because others refer to it.", Path,
                "Run the command again: a path was registered meanwhile that needs it.");
        }
    }
}
