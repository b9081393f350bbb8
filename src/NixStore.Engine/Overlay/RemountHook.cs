using System.Text;
using NixStore.Engine.Native;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Overlay;

/// <summary>
/// The program that Nix runs with the mount point as its argument after it has deleted what both layers of an overlay store had
/// (Nix libstore/local-overlay-store.cc:remountIfNecessary), as this product writes it.
/// </summary>
internal static class RemountHook
{
    private const int Mode = 0b111_101_101;

    // Newer mount programs use an interface with which overlayfs refuses to change anything, as a remount would.
    private const string Program = """
        #!/bin/sh
        # Nix runs this with the store's directory after it has deleted something there: the kernel is to look at the layers again.
        export LIBMOUNT_FORCE_MOUNT2=always
        exec mount -o remount "$1"

        """;

    /// <summary>True when a name leads to a file, over links too; a link to nowhere is none.</summary>
    internal static bool Exists(string path)
    {
        using var file = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(path), OpenFlags.PathOnly, 0, out _);
        return file is not null && Posix.Status(file).Type == FileType.Regular;
    }

    /// <summary>True when this very program is there and can be run.</summary>
    /// <exception cref="StoreIOException"/>
    internal static bool IsWritten(string path) => Posix.TryStatus(path, out var status, out _) && status is { Type: FileType.Regular, Mode: Mode }
        && File.ReadAllText(path) == Program;

    /// <summary>Writes it, whole or not at all, in the place of whatever file or link has the name.</summary>
    /// <exception cref="StoreIOException"/>
    internal static void Write(string path) => DurableFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(Program)), Mode);
}
