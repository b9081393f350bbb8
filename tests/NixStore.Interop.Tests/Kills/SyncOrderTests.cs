using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Kills;

/// <summary>A power loss is a kill of which the kernel knows nothing: what is published must be on the disk before.</summary>
[Collection(LabCollection.Name)]
public sealed class SyncOrderTests(Lab lab)
{
    [SkippableFact]
    public void What_is_staged_is_synced_before_it_is_published_and_its_directory_after()
    {
        using var proof = new KillProof(lab);
        using var store = proof.CopyDamaged();

        var run = TracedRun.Run(proof.RepairOf(store));

        Assert.True(run.Result.ExitCode == 0, run.Result.Error);
        var order = new SyncOrder(store.Location.RealDirectory);
        foreach (var call in run.Calls)
        {
            order.Follow(call);
        }

        Assert.Empty(order.Violations);
        Assert.Empty(order.UnsyncedDirectories);
        Assert.True(order.Published >= 10, $"Only {order.Published} renames were seen.");
    }
}
