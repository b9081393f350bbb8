namespace NixStore.Engine.Overlay.Examination;

/// <summary>The layers of a mounted overlay, as its options name them.</summary>
/// <param name="Lowers">The lower directories, the topmost first.</param>
/// <param name="Upper">The upper directory; null for an overlay without.</param>
/// <param name="Work">The kernel's work directory; null for an overlay without an upper one.</param>
/// <param name="HasNewInterface">True when the lower directories were given one by one, as the kernel's new interface wants (<c>lowerdir+</c>).</param>
/// <param name="HasEscapes">True when a name had to be escaped.</param>
internal sealed record MountedLayers(IReadOnlyList<string> Lowers, string? Upper, string? Work, bool HasNewInterface, bool HasEscapes)
{
    /// <summary>Reads the options of a mount, as the kernel shows them.</summary>
    internal static MountedLayers Parse(string options)
    {
        var line = new MountLine("", "", "overlay", options);
        var added = line.ValuesOf("lowerdir+").Concat(line.ValuesOf("datadir+")).ToList();
        return new MountedLayers([.. line.PlacesOf("lowerdir").Where(place => place.Length > 0), .. added], Single(line, "upperdir"), Single(line, "workdir"), added.Count > 0,
            options.Split(',').Any(option => option.Contains('\\', StringComparison.Ordinal) && option.Split('=')[0] is "lowerdir" or "upperdir"));
    }

    /// <summary>Of an option that names one directory, a colon is part of the name.</summary>
    private static string? Single(MountLine line, string option) => line.PlacesOf(option).ToList() is { Count: > 0 } parts ? string.Join(':', parts) : null;
}
