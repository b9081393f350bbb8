using System.Text.Json;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Writing;

namespace NixStore.Engine.Overlay;

/// <summary>
/// What New-OverlayStore keeps in the state directory of an overlay store, <c>nixstore-overlay.json</c>: what one must know to mount it again and
/// its URL cannot say. Nix does not look at it.
/// </summary>
/// <param name="Store">The store's URL.</param>
/// <param name="Path">The directory it was made in.</param>
/// <param name="WorkDirectory">The kernel's scratch directory, <c>workdir</c> of the mount.</param>
public sealed record OverlayDescription(string Store, string Path, string WorkDirectory)
{
    private const string FileName = "nixstore-overlay.json";

    /// <summary>The description of the store that was made in a directory; null when none was.</summary>
    /// <exception cref="NixStoreException">OverlayDescriptionInvalid</exception>
    /// <exception cref="StoreIOException"/>
    public static OverlayDescription? TryReadIn(string root) => TryRead($"{root.TrimEnd('/')}/nix/var/nix");

    /// <summary>The description of a store; null when New-OverlayStore has not made it.</summary>
    /// <exception cref="NixStoreException">OverlayDescriptionInvalid</exception>
    /// <exception cref="StoreIOException"/>
    internal static OverlayDescription? TryRead(StoreLocation store) => TryRead(store.StateDirectory);

    /// <summary>Writes it, whole or not at all.</summary>
    /// <exception cref="StoreIOException"/>
    internal void Write(string stateDirectory)
        => DurableFile.Write($"{stateDirectory}/{FileName}", stream => JsonSerializer.Serialize(stream, this, OverlayDescriptionJson.Default.OverlayDescription));

    private static OverlayDescription? TryRead(string stateDirectory)
    {
        var path = $"{stateDirectory}/{FileName}";
        using var file = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(path),
            OpenFlags.ReadOnly | OpenFlags.NonBlocking | OpenFlags.CloseOnExec, 0, out var error);
        if (file is null)
        {
            return error is Errno.NoEntry or Errno.NotDirectory ? null : throw new StoreIOException("open", path, error);
        }

        try
        {
            return JsonSerializer.Deserialize(Posix.ReadAll(file), OverlayDescriptionJson.Default.OverlayDescription)
                ?? throw new JsonException("it says null");
        }
        catch (JsonException problem)
        {
            throw new NixStoreException("OverlayDescriptionInvalid", StoreErrorKind.InvalidData,
                $"'{path}' does not describe an overlay store: {problem.Message}", path,
                "Remove the file and run New-OverlayStore again with the same parameters; it changes nothing that is right.", problem);
        }
    }
}
