using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay.Mounting;

/// <summary>Finds the overlay stores that can be seen from here.</summary>
public static class OverlayFinder
{
    private const string StoreSuffix = "/nix/store";

    /// <summary>
    /// Finds the store that Nix would use by default when it is an overlay store, and those that New-OverlayStore has made and that are mounted.
    /// </summary>
    /// <param name="report">Gets the error of a description that cannot be read.</param>
    /// <exception cref="StoreIOException"/>
    public static IReadOnlyList<StoreLocation> Find(Action<NixStoreException> report)
    {
        var found = new List<StoreLocation>();
        Try(() => Default());
        foreach (var line in MountLine.ReadAll().Where(line => line.IsOverlay && line.Point.EndsWith(StoreSuffix, StringComparison.Ordinal)))
        {
            Try(() => At(line.Point));
        }

        return [.. found.DistinctBy(store => store.Url)];

        void Try(Func<StoreLocation?> find)
        {
            try
            {
                if (find() is { } store)
                {
                    found.Add(store);
                }
            }
            catch (NixStoreException error)
            {
                report(error);
            }
        }
    }

    private static StoreLocation? Default()
    {
        try
        {
            return StoreLocator.Locate(null) is { Overlay: not null } store ? store : null;
        }
        catch (NixStoreException error) when (error.ErrorId == "StoreNotLocal")
        {
            // Somebody works on another machine's store.
            return null;
        }
    }

    /// <summary>The store that is mounted at a directory; null when nothing says what it is.</summary>
    private static StoreLocation? At(string point)
    {
        var root = point[..^StoreSuffix.Length];
        if (OverlayDescription.TryReadIn(root) is not { } description)
        {
            return null;
        }

        // Seen at /nix, it has the physical form whatever it was made as.
        var store = StoreLocator.Locate(description.Store);
        return root.Length == 0 ? OverlayForm.Physical(store) : OverlayForm.Relocated(store, root);
    }
}
