using NixStore.Engine.Database;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay.Mending;

/// <summary>Has the lower database's write-ahead log written into the database, where Nix sees it with <c>read-only=true</c>.</summary>
/// <param name="lower">The lower store.</param>
internal sealed class CheckpointLower(StoreLocation lower) : OverlayMend(
    OverlayRepairAction.CheckpointLower, lower.DatabasePath, $"write the log of '{lower.DatabasePath}' into the database")
{
    /// <inheritdoc/>
    internal override void Apply(MendedOverlay store, CancellationToken cancellation)
    {
        // Opened read-only is the lower store's role here, not its nature: this is asked for by name.
        using var writer = StoreDatabaseWriter.Open(lower with { IsReadOnly = false }, cancellation);
        writer.Checkpoint();
    }
}
