using System.Text;
using NixStore.Engine.Native;
using NixStore.Engine.Roots;

namespace NixStore.Engine.Upkeep;

/// <summary>One walk through the directories of the permanent roots; symbolic links to directories are not entered.</summary>
/// <param name="store">The store.</param>
/// <param name="permanent">What tells what a root is.</param>
/// <param name="found">Gets what is wrong with links themselves.</param>
internal sealed class RootLinkWalk(UpkeptStore store, PermanentRoots permanent, Action<UpkeepFault> found)
{
    private const int NameTooLong = 36;
    private readonly StorePathText _paths = new(store.Location);
    private readonly Lazy<MountTable> _mounts = new(MountTable.Read);
    private readonly Lazy<IReadOnlyList<WantedMount>> _wanted = new(() => WantedMount.ReadTable(permanent.Tree));

    /// <summary>The roots that name a store path.</summary>
    internal List<StoreRoot> Named { get; } = [];

    /// <summary>Walks below a directory; one that is missing has nothing in it.</summary>
    internal void Run(string top)
    {
        if (Posix.TryStatus(top, out var status, out _) && status.Type == FileType.Directory)
        {
            using var directory = QuietDirectory.Open(top);
            Walk(directory, Encoding.UTF8.GetBytes(top));
        }
    }

    private void Walk(FileDescriptor directory, byte[] path)
    {
        using var entries = new DirectoryEntries(directory);
        while (entries.MoveNext())
        {
            store.Cancellation.ThrowIfCancellationRequested();
            var name = entries.Name.ToArray();
            try
            {
                Visit(directory, path, name);
            }
            catch (StoreIOException error) when (error.ErrorNumber != Errno.NoEntry)
            {
                Found("RootUnreadable", StoreFindingSeverity.Error, directory.Combine(name), error.Message, error.Remedy);
            }
            catch (StoreIOException)
            {
                // Removed since it was listed.
            }
        }
    }

    private void Visit(FileDescriptor directory, byte[] path, byte[] name)
    {
        if (!Posix.TryStatusAt(directory, name, out var status, out var error))
        {
            throw new StoreIOException("stat", directory.Combine(name), error);
        }

        if (status.Type == FileType.Directory)
        {
            using var below = Posix.OpenAt(directory, name, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.NoAccessTime);
            Walk(below, BytePath.Join(path, ByteName.Trim(name)));
            return;
        }

        var root = permanent.Look(directory, path, name)?.Root;
        if (root is { Path: not null, State: StoreRootState.Active })
        {
            Named.Add(root);
        }
        else if (status.Type == FileType.SymbolicLink)
        {
            VisitLink(directory, path, name, status, root?.State);
        }
    }

    /// <summary>A link that keeps nothing: why.</summary>
    private void VisitLink(FileDescriptor directory, byte[] path, byte[] name, in FileStatus status, StoreRootState? state)
    {
        var link = directory.Combine(name);
        var target = Posix.ReadLinkAt(directory, name);
        var other = permanent.Tree.ToInside(BytePath.Absolute(target, permanent.Tree.ToInside(path)));
        var text = ByteName.ToDisplay(target);
        using var next = permanent.Tree.TryOpen(other, OpenFlags.PathOnly | OpenFlags.NoFollow, out var error);
        if (next is null && error is Errno.Loop or NameTooLong)
        {
            found(new UpkeepFault(
                store.Finding(StoreFindingArea.Root, "RootUnusable", StoreFindingSeverity.Error, link,
                    $"'{link}' points to '{text}', at which Nix's collection ends: {new StoreIOException("stat", text, error).Message}", "Repair-NixStore sets the link aside."),
                new SetAside(StoreRepairStepKind.MendRoot, ByteName.ToDisplay(path), name, status)));
            return;
        }

        switch (state)
        {
            case StoreRootState.Stale:
                Found("RootStale", StoreFindingSeverity.Information, link, $"'{link}' points to '{text}', which is gone",
                    "Nix removes such a link below gcroots/auto; Remove-StoreRoot removes any.");
                return;
            case StoreRootState.Unknown when error == Errno.NoEntry && !IsAway(other):
                Found("RootStale", StoreFindingSeverity.Information, link, $"'{link}' points to '{text}', which is gone with the directory that it was in",
                    "Nix removes such a link below gcroots/auto; Remove-StoreRoot removes any.");
                return;
            case StoreRootState.Unknown:
                Found("RootTargetAway", StoreFindingSeverity.Warning, link,
                    $"'{link}' points to '{text}', which cannot be looked at: unreadable, or on a file system that is not mounted",
                    "Mount it before Nix collects: Nix would take the root for a stale one, remove it, and delete what it keeps.");
                return;
        }

        if (next is null)
        {
            return;
        }

        using var end = permanent.Tree.TryOpen(other, OpenFlags.PathOnly, out error);
        if (end is null && error == Errno.Loop)
        {
            Found("RootLoop", StoreFindingSeverity.Information, link, $"'{link}' leads round in a circle and keeps nothing", "Remove the link.");
        }
        else if (end is not null && PlaceOf(end) is { } place)
        {
            Found("RootIgnored", StoreFindingSeverity.Warning, link,
                $"'{link}' leads to {place} by way of several links, of which Nix follows only one: it keeps nothing",
                "New-StoreRoot makes a root that is one.");
        }
    }

    /// <summary>True when a path of the tree is where something should be mounted that is not, or where things come and go.</summary>
    private bool IsAway(byte[] path)
    {
        var text = ByteName.ToDisplay(path);
        return _mounts.Value.Of(permanent.Tree.ToOutside(path)) is { Type: "autofs" }
            || _wanted.Value.Any(mount => text.StartsWith(mount.Point + "/", StringComparison.Ordinal) && !_mounts.Value.Has(permanent.Tree.Prefix + mount.Point));
    }

    /// <summary>The store path that an opened file is or lies in; null when it is none.</summary>
    private string? PlaceOf(FileDescriptor file) => FilePlace.Of(file) is { } place ? _paths.Parse(place) : null;

    private void Found(string kind, StoreFindingSeverity severity, string link, string detail, string? remedy)
        => found(new UpkeepFault(store.Finding(StoreFindingArea.Root, kind, severity, link, detail, remedy)));
}
