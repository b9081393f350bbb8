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
        using var tree = LinkTree.Of(store.Location);
        foreach (var profile in new StoreProfiles(store.Location).Find(store.Cancellation))
        {
            var path = Encoding.UTF8.GetBytes(profile.Path);
            var link = tree.Look(tree.ToInside(path), out var target);
            using var end = tree.TryOpen(tree.ToInside(path), OpenFlags.PathOnly, out var error);
            if (link != LinkLook.Link || end is not null || error is not (Errno.NoEntry or Errno.NotDirectory or Errno.Loop))
            {
                continue;
            }

            found(new UpkeepFault(store.Finding(Area, "ProfileBroken", StoreFindingSeverity.Error, profile.Path,
                $"the profile '{profile.Path}' points to '{ByteName.ToDisplay(target)}', behind which there is nothing",
                "Repair-StorePath brings the generation's path back where it can; Switch-StoreGeneration goes to another generation.")));
        }
    }
}
