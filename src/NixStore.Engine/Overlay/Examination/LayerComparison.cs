using NixStore.Engine.Native;

namespace NixStore.Engine.Overlay.Examination;

/// <summary>The layers of a mount against those that the URL names.</summary>
/// <param name="Difference">Why they are not the same; null when they are, as far as that can be told.</param>
/// <param name="Causes">Why Nix's check may not think so.</param>
internal sealed record LayerComparison(
    OverlayFinding? Difference, IReadOnlyList<(OverlayFindingKind Kind, string Path, string Detail, string Cause, string Remedy)> Causes)
{
    /// <summary>Compares them.</summary>
    internal static LayerComparison Of(ExaminedOverlay store, MountedLayers mounted)
    {
        var (lower, upper) = (store.Overlay.Lower.RealDirectory, store.Overlay.UpperLayer);
        if (mounted.Upper is { } above && mounted.Lowers.Any(below => IsSame(below, upper)) && IsSame(above, lower))
        {
            return new LayerComparison(store.Finding(OverlayFindingKind.LayersSwapped, StoreFindingSeverity.Error, store.Store.RealDirectory,
                $"the mount has the lower store '{lower}' as its upper layer, and the upper layer '{upper}' as its lower one",
                "lowerdir and upperdir were mixed up when it was mounted: what is added is written into the lower store, which others share.",
                "Dismount-OverlayStore at once, then Mount-OverlayStore; Test-NixStore on the lower store shows what was written into it."), []);
        }

        var causes = new List<(OverlayFindingKind, string, string, string, string)>();
        var difference = CompareLowers(store, mounted, causes) ?? CompareUpper(store, mounted, causes);
        return new LayerComparison(difference, causes);
    }

    private static OverlayFinding? CompareLowers(
        ExaminedOverlay store, MountedLayers mounted, List<(OverlayFindingKind, string, string, string, string)> causes)
    {
        var lower = store.Overlay.Lower.RealDirectory;
        if (mounted.HasNewInterface)
        {
            causes.Add((OverlayFindingKind.MountNewInterface, lower, $"the mount shows its lower directory as lowerdir+={mounted.Lowers[0]}",
                "It was mounted by the kernel's new interface, fsconfig(2) with lowerdir+; Nix looks for lowerdir=.",
                "Mount it by mount(2), or with one option lowerdir=; Mount-OverlayStore does."));
        }

        var given = mounted.Lowers.FirstOrDefault(layer => IsSame(layer, lower)) ?? mounted.Lowers.FirstOrDefault(IsUnknown);
        if (mounted.Lowers.Count > 1 && given is not null)
        {
            causes.Add((OverlayFindingKind.MountSeveralLowers, lower, $"the mount has {mounted.Lowers.Count} lower directories: {string.Join(", ", mounted.Lowers)}",
                "Nix wants lowerdir= to be the lower store alone; its rows are those of one lower store, and files of the others have none.",
                "Mount it with the lower store alone, or give check-mount=false in the URL and register what is in the other directories."));
        }

        return given is null
            ? Other(store, "lower store", lower, mounted.Lowers.Count == 0 ? "none" : string.Join(", ", mounted.Lowers), "lower-store")
            : CompareNames("lowerdir", given, lower, mounted.HasEscapes, causes);
    }

    private static OverlayFinding? CompareUpper(
        ExaminedOverlay store, MountedLayers mounted, List<(OverlayFindingKind, string, string, string, string)> causes)
    {
        var upper = store.Overlay.UpperLayer;
        return mounted.Upper is { } given && (IsSame(given, upper) || IsUnknown(given))
            ? CompareNames("upperdir", given, upper, mounted.HasEscapes, causes)
            : Other(store, "upper layer", upper, mounted.Upper ?? "none, so it is read-only", "upper-layer");
    }

    /// <summary>The same directory, or one that cannot be looked at: how the names differ.</summary>
    private static OverlayFinding? CompareNames(
        string option, string given, string wanted, bool hasEscapes, List<(OverlayFindingKind, string, string, string, string)> causes)
    {
        if (given == wanted)
        {
            if (MountCheck.FindUnmatchable(wanted) >= 0 || hasEscapes)
            {
                causes.Add(MountDiagnosis.SpecialCharacters(wanted));
            }
        }
        else if (!given.StartsWith('/'))
        {
            causes.Add((OverlayFindingKind.MountRelativePath, wanted, $"the mount has the relative directory {option}={given}",
                "It was given to mount relative to a working directory that nobody knows any more; Nix compares it, letter by letter, with an absolute one.",
                $"Mount it with {option}={wanted}; Mount-OverlayStore does."));
        }
        else if (Path.GetFullPath(given).TrimEnd('/') == wanted)
        {
            causes.Add((OverlayFindingKind.MountTrailingSlash, wanted, $"the mount has {option}={given}, and Nix looks for {option}={wanted}",
                "The kernel shows the names as they were given to mount, and Nix compares letters.", $"Mount it with {option}={wanted}; Mount-OverlayStore does."));
        }
        else if (!IsUnknown(given))
        {
            var parameter = option == "lowerdir" ? "lower-store" : "upper-layer";
            causes.Add((OverlayFindingKind.MountSymbolicLink, wanted, $"the mount has {option}={given}, which is the same directory as '{wanted}'",
                "One of the two leads over a symbolic link or a bind mount, and Nix compares letters.",
                $"Use the same name in both: mount it with {option}={wanted}, or write {given} in {parameter} of the URL."));
        }
        else
        {
            causes.Add((OverlayFindingKind.MountOtherNamespace, wanted, $"the mount has {option}={given}, and there is no such directory here",
                "It was mounted in another mount namespace, by a host for its container say, and the kernel shows the names of there. "
                    + "Whether it is the right one cannot be told by name.",
                "Bind the directories into the container under the same names as on the host, or give check-mount=false in the URL."));
        }

        return null;
    }

    private static OverlayFinding Other(ExaminedOverlay store, string what, string wanted, string given, string parameter) => store.Finding(
        OverlayFindingKind.MountOtherLayers, StoreFindingSeverity.Error, store.Store.RealDirectory,
        $"the mount has another {what} than '{wanted}': {given}",
        $"It was mounted with other directories than {parameter} of the URL names: files and rows are not of the same store.",
        $"Correct {parameter} of the URL, or mount the right directories: Dismount-OverlayStore, then Mount-OverlayStore.");

    private static bool IsSame(string one, string other) => one == other
        || (!IsUnknown(one) && StatusOf(one) is { } first && StatusOf(other) is { } second && first.IsSameFile(second));

    /// <summary>True for a name that does not tell here which directory it is.</summary>
    private static bool IsUnknown(string path) => !path.StartsWith('/') || StatusOf(path) is null;

    /// <summary>Of what a name leads to, links followed.</summary>
    private static FileStatus? StatusOf(string path)
    {
        using var handle = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(path), OpenFlags.PathOnly | OpenFlags.Directory, 0, out _);
        return handle is null ? null : Posix.Status(handle);
    }
}
