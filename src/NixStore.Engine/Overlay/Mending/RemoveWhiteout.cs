using NixStore.Engine.Native;

namespace NixStore.Engine.Overlay.Mending;

/// <summary>Removes a whiteout from the upper layer.</summary>
/// <param name="path">The path that it hides.</param>
internal sealed class RemoveWhiteout(string path) : OverlayMend(
    OverlayRepairAction.RemoveWhiteout, path, $"remove the whiteout of {path} from the upper layer")
{
    /// <inheritdoc/>
    internal override void Apply(MendedOverlay store, CancellationToken cancellation)
    {
        var hidden = store.Location.Directory.Parse(Path);
        using var held = store.Open(cancellation).Protect(hidden, cancellation);
        var name = ByteName.From(hidden.BaseName);
        if (Posix.TryStatusAt(store.Upper, name, out var status, out _)
            && (status.IsWhiteout || (status is { Type: FileType.Regular, Size: 0 } && OverlayAttributes.Of($"{store.Overlay.UpperLayer}/{hidden.BaseName}").IsWhiteout)))
        {
            Posix.UnlinkAt(store.Upper, name);
            Posix.Fsync(store.Upper);
        }
    }
}
