namespace NixStore.Engine.Overlay.Mending;

/// <summary>
/// Copies the row of a path, and those of all that it needs, from the lower store's database into the overlay store's, as Nix does when it sees
/// them (Nix libstore/local-overlay-store.cc:isValidPathUncached).
/// </summary>
/// <param name="path">The path.</param>
internal sealed class CopyRow(string path) : OverlayMend(
    OverlayRepairAction.CopyRow, path, $"copy the row of {path}, and of what it needs, from the lower store's database")
{
    /// <inheritdoc/>
    internal override void Apply(MendedOverlay store, CancellationToken cancellation)
    {
        var parsed = store.Location.Directory.Parse(Path);
        var writable = store.Open(cancellation);
        writable.Roots.Add(parsed, cancellation);
        if (!store.HasFiles(parsed) || !writable.IsValid(parsed))
        {
            throw new NixStoreException("LowerPathGone", StoreErrorKind.NotFound, $"The lower store has '{Path}' no more.", Path,
                "Run Test-OverlayStore again; the lower store is being changed.");
        }
    }
}
