namespace NixStore.Engine.Overlay.Configuration;

/// <summary>The options of the mount, one string each, as mount(8) and mount(2) take them: separators in names have a backslash before them.</summary>
internal static class MountOptions
{
    // What changes how the layers are read; a mount without them would show something else than the one that there is.
    private static readonly string[] s_kept = [OverlayMount.UserAttributes, "index", "metacopy", "redirect_dir", "xino", "nfs_export"];

    /// <summary>The layers, and of a mount that is there what else it was given.</summary>
    /// <exception cref="NixStoreException">OverlayNotExpressible, OverlayWorkDirectoryUnknown</exception>
    internal static IReadOnlyList<string> Of(MachinePlaces places)
    {
        IReadOnlyList<string> layers =
        [
            Layer("lowerdir", places.Store.LowerDirectory), Layer("upperdir", places.Store.UpperLayer), Layer("workdir", places.WorkDirectory),
        ];
        return [.. layers, .. places.Store.MountOptions?.Split(',').Where(option => s_kept.Contains(option.Split('=')[0])) ?? []];
    }

    /// <summary>
    /// The same with what tells systemd and mount(8) when: the layers' file systems first, after the network if a layer needs it; without the
    /// mount the machine starts too.
    /// </summary>
    /// <exception cref="NixStoreException">OverlayNotExpressible, OverlayWorkDirectoryUnknown</exception>
    internal static IReadOnlyList<string> AtBoot(MachinePlaces places) =>
    [
        .. Of(places), "nofail", .. places.IsLowerRemote ? (string[])["_netdev"] : [],
        .. Needs(places).Select(directory => $"x-systemd.requires-mounts-for={Plain(directory)}"),
    ];

    /// <summary>Directories that must be there first.</summary>
    internal static IReadOnlyList<string> Needs(MachinePlaces places) => [places.Store.LowerDirectory, places.Store.UpperLayer];

    /// <summary>
    /// The directory, or the one above it whose name has no separators: mount(8) takes this option out without looking at backslashes.
    /// </summary>
    private static string Plain(string directory)
    {
        var end = directory.AsSpan().IndexOfAny(',', '\\');
        return end < 0 ? directory : Path.GetDirectoryName(directory[..end])!;
    }

    private static string Layer(string option, string directory) => !directory.Contains('"') ? $"{option}={OverlayMount.Escape(directory)}"
        : throw Inexpressible.Because($"The name '{directory}' has a quotation mark in it, which begins something else in the options of mount.", directory);
}
