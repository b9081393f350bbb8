using NixStore.Engine.Database;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Database;

/// <summary>Alone, because descriptors are kept as long as any database is open in the process.</summary>
[Collection(NixEnvironment.Alone)]
public sealed class UnmountingTests
{
    [SkippableFact]
    public void What_was_read_can_be_unmounted() => MountNamespace.Run(space =>
    {
        using var directory = new TemporaryDirectory();
        space.MountMemory(directory.Path, "size=10m");
        var store = StoreLocator.Locate(directory.Path);
        StoreCreator.EnsureExists(store);
        using (var database = StoreDatabase.OpenForReading(store))
        {
            Assert.Equal(0, database.CountPaths());
        }

        Command.Run("umount", directory.Path);
    });
}
