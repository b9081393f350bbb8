using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;
using NixStore.Engine.Upkeep;

namespace NixStore.Engine.Tests.Upkeep;

/// <summary>Room, mounts and file systems.</summary>
public sealed class DiskTests : IDisposable
{
    private readonly SmallStore _store = new("a");

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData(50L << 20, 1L << 40, StoreFindingSeverity.Error)]
    [InlineData(500L << 20, 1L << 40, StoreFindingSeverity.Warning)]
    [InlineData(2L << 30, 1L << 40, null)]
    [InlineData(50L << 20, 1L << 30, StoreFindingSeverity.Warning)]
    [InlineData(60L << 20, 1L << 30, null)]
    [InlineData(0L, 50L, StoreFindingSeverity.Error)]
    [InlineData(0L, 0L, null)]
    public void Room_is_judged_by_what_is_left_and_by_how_large_the_disk_is(long available, long total, StoreFindingSeverity? severity)
        => Assert.Equal(severity, SpaceCheck.Judge(available, total, 100L << 20, 1L << 30));

    [SkippableTheory]
    [InlineData("size=4m", "head -c 8m /dev/zero > \"$0/fill\" || true", "DiskFull")]
    [InlineData("size=4m", "head -c 8m /dev/zero > \"$0/fill\"; truncate -s -100k \"$0/fill\"", "DiskNearlyFull")]
    [InlineData("size=64m,nr_inodes=40", "seq 60 | while read i; do touch \"$0/$i\" || break; done", "InodesExhausted")]
    public void A_full_disk_is_found(string options, string script, string kind)
    {
        var directory = Directory.CreateDirectory(_store.Beside("disk")).FullName;
        MountNamespace.Run(space =>
        {
            space.MountMemory(directory, options);
            var store = StoreLocator.Locate(directory);
            StoreCreator.EnsureExists(store);
            Command.Run("/bin/sh", "-c", script, directory);

            var finding = Assert.Single(Upkept.Look(store, isOwnDisk: true));

            Assert.Equal((kind, StoreFindingArea.Disk), (finding.Kind, finding.Area));
            Assert.Equal(kind == "DiskNearlyFull" ? StoreFindingSeverity.Warning : StoreFindingSeverity.Error, finding.Severity);
        });
    }

    [SkippableFact]
    public void A_store_that_alone_is_mounted_read_only_is_in_order() => MountNamespace.Run(space =>
    {
        space.MakeReadOnly(_store.Location.RealDirectory);

        Assert.Empty(Upkept.Look(_store.Location));
    });

    [SkippableFact]
    public void State_that_cannot_be_written_is_an_error_unless_it_is_meant() => MountNamespace.Run(space =>
    {
        space.MakeReadOnly(_store.Root);

        var finding = Assert.Single(Upkept.Look(_store.Location));
        Assert.Equal(("FileSystemReadOnly", StoreFindingSeverity.Error), (finding.Kind, finding.Severity));
        Assert.Contains(_store.Root, finding.Remedy, StringComparison.Ordinal);
        Assert.Equal(StoreFindingSeverity.Information, Assert.Single(Upkept.Look(_store.Location with { IsReadOnly = true })).Severity);
    });

    [Fact]
    public void A_store_directory_without_the_registered_paths_is_an_error()
    {
        File.Delete(_store.Location.RealPathOf(SmallStore.PathOf("a")));
        Directory.CreateDirectory($"{_store.Location.RealDirectory}/lost+found");

        var finding = Upkept.Fault(_store.Location);

        Assert.Equal(("StoreDirectoryEmpty", StoreFindingArea.Disk, StoreFindingSeverity.Error), (finding.Kind, finding.Area, finding.Severity));
        Assert.Empty(Upkept.Plan(_store.Location));
    }

    [Fact]
    public void A_missing_store_directory_is_an_error_and_not_made()
    {
        Directory.Delete(_store.Location.RealDirectory, recursive: true);

        Assert.Equal("StoreDirectoryMissing", Assert.Single(Upkept.Look(_store.Location)).Kind);
        Assert.Empty(Upkept.Plan(_store.Location));
    }

    [Fact]
    public void Where_there_is_no_store_at_all_its_directory_is_missing()
        => Assert.Equal("StoreDirectoryMissing", Assert.Single(Upkept.Look(StoreLocator.Locate(_store.Beside("nowhere")))).Kind);

    [Fact]
    public void A_mount_that_is_missing_over_something_is_a_warning()
    {
        Directory.CreateDirectory($"{_store.Root}/etc");
        File.WriteAllText($"{_store.Root}/etc/fstab", "/dev/a /nix/store ext4 ro 0 0\n/dev/b /nix/var auto noauto 0 0\n/dev/c /home ext4 defaults 0 0\n");

        var finding = Upkept.Fault(_store.Location);

        Assert.Equal(("FileSystemNotMounted", StoreFindingSeverity.Warning, _store.Location.RealDirectory), (finding.Kind, finding.Severity, finding.Path));
        Assert.Contains($"mount '/dev/a' '{_store.Location.RealDirectory}'", finding.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("etc/fstab", "UUID=1 /nix btrfs noauto 0 0\n")]
    [InlineData("etc/systemd/system/nix.mount", "[Mount]\n")]
    public void A_mount_that_is_missing_over_nothing_is_an_error(string file, string text)
    {
        var root = _store.Beside("machine");
        Directory.CreateDirectory($"{root}/nix");
        Directory.CreateDirectory(Path.GetDirectoryName($"{root}/{file}")!);
        File.WriteAllText($"{root}/{file}", text);

        var found = Upkept.Look(StoreLocator.Locate(root));

        Assert.Equal(["FileSystemNotMounted", "StoreDirectoryMissing"], found.Select(finding => finding.Kind));
        Assert.Equal((StoreFindingSeverity.Error, $"{root}/nix"), (found[0].Severity, found[0].Path));
    }

    [SkippableFact]
    public void What_is_mounted_is_in_order()
    {
        Directory.CreateDirectory($"{_store.Root}/etc");
        File.WriteAllText($"{_store.Root}/etc/fstab", "/dev/a /nix ext4 defaults 0 0\n");
        MountNamespace.Run(space =>
        {
            space.KeepNoAccessTimes($"{_store.Root}/nix");
            Assert.Empty(Upkept.Look(_store.Location));
        });
    }

    [Fact]
    public void A_masked_unit_wants_nothing()
    {
        Directory.CreateDirectory($"{_store.Root}/etc/systemd/system");
        File.CreateSymbolicLink($"{_store.Root}/etc/systemd/system/nix-store.mount", "/dev/null");

        Assert.Empty(Upkept.Of(_store.Location));
    }

    [Theory]
    [InlineData("/nix", "nix.mount")]
    [InlineData("/nix/store", "nix-store.mount")]
    [InlineData("/my-data/a b", "my\\x2ddata-a\\x20b.mount")]
    [InlineData("/.nix/v1.0", "\\x2enix-v1.0.mount")]
    public void Units_are_called_as_systemd_calls_them(string point, string unit) => Assert.Equal(unit, WantedMount.UnitOf(point));
}
