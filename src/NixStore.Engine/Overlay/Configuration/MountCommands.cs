using System.Globalization;
using NixStore.Engine.Maintenance;

namespace NixStore.Engine.Overlay.Configuration;

/// <summary>The lines of a POSIX shell that mount an overlay where it is not mounted, and give its upper layer to who writes there.</summary>
internal static class MountCommands
{
    /// <exception cref="NixStoreException">OverlayNotExpressible, OverlayWorkDirectoryUnknown</exception>
    internal static IReadOnlyList<string> Of(OverlayPlaces places, int? userId)
    {
        var point = ShellWord.Quote(places.MountPoint);
        return
        [
            $"mountpoint -q {point} || mount -t overlay overlay -o {ShellWord.Quote(string.Join(',', MountOptions.Of(places)))} {point}",
            .. userId is { } user
                ? (string[])[string.Create(CultureInfo.InvariantCulture, $"chown {user}:{user} {ShellWord.Quote(places.Store.UpperLayer)}"),
                    string.Create(CultureInfo.InvariantCulture, $"chown -R {user}:{user} {ShellWord.Quote(places.StateDirectory)}")]
                : [],
        ];
    }
}
