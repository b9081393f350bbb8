using System.Text;
using NixStore.Engine.Generations;
using NixStore.Engine.Native;
using NixStore.Engine.Roots;

namespace NixStore.Engine.Upkeep;

/// <summary>Profiles whose current generation leads nowhere: programs of a user, or the whole system, are gone.</summary>
internal sealed class ProfileCheck : IUpkeepCheck
{
    /// <inheritdoc/>
    public StoreFindingArea Area => StoreFindingArea.Root;

    /// <inheritdoc/>
    public string Subject => "profiles";

    /// <inheritdoc/>
    public void Run(UpkeptStore store, Action<UpkeepFault> found)
    {
        if (!Posix.TryStatus(store.Location.StateDirectory, out _, out _))
        {
            return;
        }

        using var tree = LinkTree.Of(store.Location);
        foreach (var profile in new StoreProfiles(store.Location).Find(store.Cancellation))
        {
            if (FindBrokenTarget(tree, profile) is not { } target)
            {
                continue;
            }

            found(new UpkeepFault(store.Finding(Area, "ProfileBroken", StoreFindingSeverity.Error, profile.Path,
                $"the profile '{profile.Path}' points to '{target}', behind which there is nothing",
                "Repair-StorePath brings the generation's path back where it can; Switch-StoreGeneration goes to another generation.")));
        }
    }

    /// <summary>What the link of a profile says, when it leads nowhere; null when it leads somewhere, or cannot be read.</summary>
    private static string? FindBrokenTarget(LinkTree tree, StoreProfile profile)
    {
        try
        {
            var name = ByteName.From(profile.Name);
            using var directory = QuietDirectory.Open(profile.Directory);
            if (!Posix.TryStatusAt(directory, name, out var status, out _) || status.Type != FileType.SymbolicLink)
            {
                return null;
            }

            // Of a guest, the links are to be followed as the guest does; on this machine, without a new access time.
            using var end = tree.IsGuest ? tree.TryOpen(tree.ToInside(Encoding.UTF8.GetBytes(profile.Path)), OpenFlags.PathOnly, out var error)
                : Posix.TryOpenAt(directory, name, OpenFlags.PathOnly, 0, out error);
            return end is null && error is Errno.NoEntry or Errno.NotDirectory or Errno.Loop ? ByteName.ToDisplay(Posix.ReadLinkAt(directory, name)) : null;
        }
        catch (StoreIOException)
        {
            // A home that other users may not look into.
            return null;
        }
    }
}
