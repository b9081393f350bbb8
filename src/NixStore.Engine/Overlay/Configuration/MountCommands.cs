using System.Globalization;
using NixStore.Engine.Maintenance;

namespace NixStore.Engine.Overlay.Configuration;

/// <summary>The lines of a POSIX shell that mount an overlay where it is not mounted, and give its upper layer to who writes there.</summary>
internal static class MountCommands
{
    /// <exception cref="NixStoreException">OverlayNotExpressible, OverlayWorkDirectoryUnknown</exception>
    internal static IReadOnlyList<string> Of(MachinePlaces places, int? userId)
    {
        var point = ShellWord.Quote(places.MountPoint);

        // With the logs beside the state, where both are below one directory.
        var state = ShellWord.Quote(places.Nix is { } nix ? $"{nix}/var" : places.StateDirectory);
        return
        [
            $"mountpoint -q {point} || mount -t overlay overlay -o {ShellWord.Quote(string.Join(',', MountOptions.Of(places)))} {point}",

            // Through the mount, which would not notice that somebody has changed the layer itself.
            .. userId is { } user
                ? (string[])[string.Create(CultureInfo.InvariantCulture, $"chown {user}:{user} {point}"),
                    string.Create(CultureInfo.InvariantCulture, $"chown -R {user}:{user} {state}")]
                : [],
        ];
    }
}
