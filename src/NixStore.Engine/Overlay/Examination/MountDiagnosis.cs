namespace NixStore.Engine.Overlay.Examination;

/// <summary>
/// Two questions that Nix takes for one: whether the right overlay is mounted where the store is, and whether Nix's check of the mount
/// (<see cref="MountCheck"/>) thinks so; and why not (NIX-ON-DAMAGE §4.4).
/// </summary>
internal sealed class MountDiagnosis : IOverlayCheck
{
    private const string NixSays = "Nix says: overlay filesystem mounted incorrectly.";

    /// <inheritdoc/>
    public string Subject => "the mount";

    /// <inheritdoc/>
    public void Run(ExaminedOverlay store, Action<OverlayFault> found)
    {
        var verdict = MountCheck.Apply(store.Store, MountLine.ReadTable());
        if (!store.IsMounted)
        {
            found(new OverlayFault(NotMounted(store, verdict)));
            return;
        }

        var mount = store.Mount!;
        var comparison = mount.IsFuseOverlay ? null : LayerComparison.Of(store, mount.Layers);
        if (comparison?.Difference is { } difference)
        {
            found(new OverlayFault(difference));
            if (verdict.Passes)
            {
                found(new OverlayFault(MatchesOther(store, verdict)));
            }
        }
        else if (!verdict.Passes)
        {
            Explain(store, mount, comparison, verdict, found);
        }

        if (mount.IsReadOnly)
        {
            found(new OverlayFault(store.Finding(OverlayFindingKind.MountReadOnly, StoreFindingSeverity.Warning, store.Store.RealDirectory,
                $"the overlay on '{store.Store.RealDirectory}' is mounted read-only",
                "It was mounted with ro, or the kernel could not use the work directory. Nix's check passes, but nothing can be added.",
                $"mount -o remount,rw '{store.Store.RealDirectory}'; if that fails, look at the work directory and the upper layer's file system.")));
        }
    }

    private static OverlayFinding NotMounted(ExaminedOverlay store, MountCheck verdict)
    {
        var point = store.Store.RealDirectory;
        var covered = store.Mounts.Any(mount => mount.Point == point && (mount.Type == "overlay" || mount.IsFuseOverlay));
        if (covered)
        {
            var cover = store.Mount is { } mount ? $"{mount.Type} is mounted on '{mount.Point}'" : "something is mounted";
            return store.Finding(OverlayFindingKind.MountHidden, StoreFindingSeverity.Error, point,
                $"the overlay on '{point}' is hidden: {cover}, on top of it",
                verdict.Passes
                    ? "Nix's check passes all the same, because it looks at lines of overlays only: what is added goes into the upper mount, and no path is found."
                    : "Something was mounted over the store, or over a parent directory, after the overlay.",
                $"umount '{store.Mount?.Point ?? point}'");
        }

        var what = store.Mount is null ? "there is no such directory"
            : store.IsMountPoint ? $"{store.Mount.Type} from '{store.Mount.Source}' is mounted there instead"
            : "nothing is mounted there";
        return store.Finding(verdict.Passes ? OverlayFindingKind.MountMatchesOther : OverlayFindingKind.MountMissing, StoreFindingSeverity.Error, point,
            $"no overlay is mounted on '{point}': {what}",
            verdict.Passes ? "Nix's check passes all the same: a dot in the name matches any character, and the line of another mount fits."
                : store.Overlay.ChecksMount ? $"It was never mounted, is lost since the machine started, or was mounted in another namespace. {NixSays}"
                : "It was never mounted, is lost since the machine started, or was mounted in another namespace. With check-mount=false Nix works in the "
                    + "empty directory: it finds no file, and what it adds is not in the upper layer.",
            "Mount-OverlayStore mounts it.");
    }

    private static OverlayFinding MatchesOther(ExaminedOverlay store, MountCheck verdict) => store.Finding(
        OverlayFindingKind.MountMatchesOther, StoreFindingSeverity.Error, store.Store.RealDirectory,
        $"Nix's check passes, but the line that it looks at is: {verdict.Line}",
        "Nix puts the directories into a regular expression as they are: a dot matches any character.",
        "Mount the right overlay, and use names without dots if both are needed.");

    private static void Explain(
        ExaminedOverlay store, PlaceMount mount, LayerComparison? comparison, MountCheck verdict, Action<OverlayFault> found)
    {
        var point = store.Store.RealDirectory;
        var causes = new List<(OverlayFindingKind Kind, string Path, string Detail, string Cause, string Remedy)>();
        if (mount.IsFuseOverlay)
        {
            causes.Add((OverlayFindingKind.MountFuse, point, $"the overlay on '{point}' is that of fuse-overlayfs",
                "Nix wants a line whose source is overlay, with lowerdir= and upperdir=; fuse-overlayfs shows neither.",
                "Give check-mount=false in the URL, or mount by the kernel (in a user namespace too: Invoke-OverlayStore)."));
        }
        else if (mount.Source != "overlay")
        {
            causes.Add((OverlayFindingKind.MountSourceName, point, $"the source of the mount on '{point}' is called '{mount.Source}'",
                "Nix looks for a line that begins with the word overlay; the kernel takes any name.",
                $"Mount it with the source overlay: mount -t overlay overlay -o … '{point}'; Mount-OverlayStore does."));
        }

        if (MountCheck.FindUnmatchable(point) >= 0)
        {
            causes.Add(SpecialCharacters(point));
        }

        causes.AddRange(comparison?.Causes ?? []);
        if (causes.Count == 0)
        {
            causes.Add(verdict.Line is { } line && !line.StartsWith($"overlay {point} ", StringComparison.Ordinal)
                ? (OverlayFindingKind.MountMatchesOther, point, $"Nix's check looks at another mount: {line}",
                    "A dot in a name matches any character, and Nix takes the last line that fits.", "Mount this store last, or use names without dots.")
                : (OverlayFindingKind.MountCheckFailed, point, $"Nix's check does not take the mount: {verdict.Line ?? "it finds no line"}",
                    $"Expected are lowerdir={store.Overlay.Lower.RealDirectory} and upperdir={store.Overlay.UpperLayer}.",
                    "nix --debug shows what Nix compares; Mount-OverlayStore mounts as Nix wants it."));
        }

        foreach (var (kind, path, detail, cause, remedy) in causes)
        {
            found(new OverlayFault(store.Finding(kind, store.Overlay.ChecksMount ? StoreFindingSeverity.Error : StoreFindingSeverity.Information, path,
                detail, $"{cause} The layers are the right ones; {(store.Overlay.ChecksMount ? NixSays : "with check-mount=false Nix does not mind.")}", remedy)));
        }
    }

    /// <summary>A name that Nix's check cannot match, though it is right.</summary>
    internal static (OverlayFindingKind Kind, string Path, string Detail, string Cause, string Remedy) SpecialCharacters(string path) => (
        OverlayFindingKind.MountSpecialCharacters, path, $"'{path}' has characters that Nix's check cannot compare",
        "The kernel writes blanks, commas, colons and backslashes as numbers, and Nix takes + * ? ^ $ | ( ) [ ] { } for a pattern.",
        "Use a directory whose name has letters, digits, dashes, dots and slashes only, or give check-mount=false in the URL.");
}
