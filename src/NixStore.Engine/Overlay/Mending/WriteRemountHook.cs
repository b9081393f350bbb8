namespace NixStore.Engine.Overlay.Mending;

/// <summary>Writes the program that Nix runs with the mount point as its argument when the overlay must be remounted.</summary>
/// <param name="file">Where the URL says that it is.</param>
internal sealed class WriteRemountHook(string file) : OverlayMend(
    OverlayRepairAction.WriteRemountHook, file, $"write the remount hook '{file}', which runs mount -o remount")
{
    /// <inheritdoc/>
    internal override void Apply(MendedOverlay store, CancellationToken cancellation)
    {
        if (!RemountHook.Exists(Path))
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            RemountHook.Write(Path);
        }
    }
}
