using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay.Mounting;

/// <summary>The store below: what the URL of the overlay store is to say, and where its files are.</summary>
/// <param name="Url">For <c>lower-store</c>.</param>
/// <param name="Location">Its files.</param>
internal sealed record LowerChoice(string Url, StoreLocation Location)
{
    // What Nix makes even of a store that it is to read only (Nix libstore/local-store.cc:LocalStore); where it may not, it gives up.
    private static readonly string[] s_neededDirectories = ["temproots", "profiles/per-user", "gcroots/per-user"];

    /// <summary>Takes what somebody names, and looks whether it is there.</summary>
    /// <exception cref="NixStoreException">LowerStoreNotFound, LowerStoreIsOverlay, LowerStoreIncomplete, and those of <see cref="StoreLocator.Locate"/></exception>
    /// <exception cref="StoreIOException"/>
    internal static LowerChoice Take(string text)
    {
        var location = StoreLocator.Locate(text);
        if (location.Overlay is not null || MountLine.FindAt(location.RealDirectory) is { Type: "overlay" })
        {
            throw new NixStoreException("LowerStoreIsOverlay", StoreErrorKind.InvalidArgument,
                $"{location.Url} is an overlay store itself: its rows are in two databases, and Nix would see one of them.", location.Url,
                "Name the store at the bottom, or publish what the overlay has of its own to it first (Publish-OverlayStorePath).");
        }

        if (!Posix.TryStatus(location.RealDirectory, out var directory, out _) || directory.Type is not (FileType.Directory or FileType.SymbolicLink))
        {
            throw NotFound(location, $"there is no directory '{location.RealDirectory}'");
        }

        // Behind a daemon's socket the database may be anywhere, and is none of our business.
        var isDaemon = StoreUrl.Parse(text).Scheme is "unix" or "daemon";
        if (!isDaemon && !Posix.TryStatus(location.DatabasePath, out _, out _))
        {
            throw NotFound(location, $"it has no database '{location.DatabasePath}'");
        }

        if (!isDaemon && IsUnwritable(location))
        {
            EnsureComplete(location);
            if (!location.IsReadOnly)
            {
                // Nix would try to remount it writable, and give up (NIX-ON-DAMAGE E13).
                location = StoreLocator.Locate($"{location.Url}{(location.Url.Contains('?') ? '&' : '?')}read-only=true");
                return new LowerChoice(location.Url, location);
            }
        }

        return new LowerChoice(text.StartsWith('/') ? location.Url : text, location);
    }

    private static void EnsureComplete(StoreLocation store)
    {
        var missing = s_neededDirectories.Select(name => $"{store.StateDirectory}/{name}").Append(store.LinksDirectory)
            .Where(directory => !Directory.Exists(directory)).ToList();
        if (missing.Count > 0)
        {
            throw new NixStoreException("LowerStoreIncomplete", StoreErrorKind.NotFound,
                $"The lower store {store.Url} lacks '{string.Join("', '", missing)}', which Nix makes when it opens a store, and may not here.", store.Url,
                $"Where it can be written: mkdir -p {string.Join(' ', missing)}");
        }
    }

    private static bool IsUnwritable(StoreLocation store)
    {
        using var real = Posix.Open(store.RealDirectory, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.CloseOnExec);
        return Posix.FileSystemStatus(real).IsReadOnly || !Posix.MayWrite(store.DatabasePath);
    }

    private static NixStoreException NotFound(StoreLocation store, string why) => new("LowerStoreNotFound", StoreErrorKind.NotFound,
        $"There is no lower store {store.Url}: {why}.", store.Url, "Name a store with contents (-LowerStore); Get-NixStore shows what is at a place.");
}
