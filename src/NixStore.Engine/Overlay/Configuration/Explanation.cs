using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay.Configuration;

/// <summary>What the comments of a configuration say.</summary>
internal static class Explanation
{
    private static readonly Dictionary<string, string> s_features = new(StringComparer.Ordinal)
    {
        ["local-overlay-store"] = "opens the store",
        ["read-only-local-store"] = "is for read-only=true of the lower store",
    };

    /// <summary>Lines of a comment, for everything that takes what comes after a number sign for one.</summary>
    internal static string Comment(params IEnumerable<string> lines) => string.Concat(lines.Select(line => $"# {line}\n"));

    /// <summary>What lies where.</summary>
    internal static string Layers(OverlayStore store, string mountPoint)
        => $"Overlay store: {store.LowerDirectory} is below and stays as it is, {store.UpperLayer} is on top and takes what is new; both are seen in {mountPoint}.";

    /// <summary>What a URL needs, how it is written, and what Nix does when it opens the store.</summary>
    internal static IReadOnlyList<string> Of(string url, IReadOnlyList<string> features) =>
    [
        $"Features: {string.Join(", ", features.Select(Feature))}. Nix has such features switched off.",
        .. Encoding(StoreUrl.Parse(url)),
        .. MountCheck(StoreLocator.Locate(url)),
    ];

    /// <summary>What Nix's check of the mount wants, and whether it can be had.</summary>
    internal static IEnumerable<string> MountCheck(StoreLocation store)
    {
        var overlay = store.Overlay!;
        if (!overlay.ChecksMount)
        {
            yield return $"check-mount=false: Nix takes the mount on trust. Where nothing is mounted at {store.RealDirectory}, it writes into the empty directory.";
            yield break;
        }

        yield return $"check-mount: Nix opens the store only while the last mount named overlay at {store.RealDirectory} has these options by exactly these names:";
        yield return $"  lowerdir={overlay.Lower.RealDirectory},upperdir={overlay.UpperLayer}";
        if (!Overlay.MountCheck.Apply(store, TableLine(store)).Passes)
        {
            yield return "With these names it never passes, right as they are: tables of mounts escape some of their characters, and others mean something in Nix's pattern.";
            yield return "Rename the directories, or add &check-mount=false to the URL and look at the mount yourself (Test-OverlayStore).";
        }
    }

    private static string Feature(string name) => s_features.TryGetValue(name, out var use) ? $"{name} {use}" : name;

    private static IEnumerable<string> Encoding(StoreUrl url)
    {
        yield return "Encoding: values in the URL are percent-encoded, the lower store's URL with its own ? = & as well. Decoded, they are:";
        foreach (var (key, value) in url.Parameters)
        {
            yield return $"  {key}={value}";
        }
    }

    /// <summary>What the kernel will say of the mount (seq_show_option escapes what is special in a line).</summary>
    private static string TableLine(StoreLocation store) => $"overlay {Escaped(store.RealDirectory)} overlay "
        + $"rw,lowerdir={Escaped(OverlayMount.Escape(store.Overlay!.Lower.RealDirectory), true)},upperdir={Escaped(OverlayMount.Escape(store.Overlay.UpperLayer), true)} 0 0";

    private static string Escaped(string text, bool isOption = false)
    {
        var escaped = text.Replace("\\", "\\134", StringComparison.Ordinal).Replace(" ", "\\040", StringComparison.Ordinal);
        return isOption ? escaped.Replace(",", "\\054", StringComparison.Ordinal) : escaped.Replace("#", "\\043", StringComparison.Ordinal);
    }
}
