using NixStore.Engine.Native;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Overlay.Mending;

/// <summary>Writes the program that Nix runs with the mount point as its argument when the overlay must be remounted.</summary>
/// <param name="file">Where the URL says that it is.</param>
internal sealed class WriteRemountHook(string file) : OverlayMend(
    OverlayRepairAction.WriteRemountHook, file, $"write the remount hook '{file}', which runs mount -o remount")
{
    // The kernel's new interface would show the layers as lowerdir+, which Nix's check does not know.
    private const string Program = """
        #!/bin/sh
        # Nix runs this with the directory of the overlay store, after it has deleted what both layers had.
        LIBMOUNT_FORCE_MOUNT2=always exec mount -o remount "$1"

        """;

    /// <inheritdoc/>
    internal override void Apply(MendedOverlay store, CancellationToken cancellation)
    {
        if (!Posix.TryStatus(Path, out _, out _))
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            DurableFile.Write(Path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(Program)));
        }

        new AllowRemountHook(Path).Apply(store, cancellation);
    }
}
