using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Faults;

/// <summary>On NixOS /nix/store is a read-only bind mount: a repair writes nevertheless, and nobody else sees a writable mount.</summary>
[Collection(LabCollection.Name)]
public sealed class ReadOnlyMountTests(Lab lab)
{
    private const string Script = """
        store=$0/nix/store
        mount --bind "$store" "$store"; mount -o remount,bind,ro,nosuid,nodev "$store"
        before=$(grep -F "$0" /proc/self/mounts)
        ( while [ ! -e "$store/../done" ]; do touch "$store/probe" 2>/dev/null && echo "WRITABLE"; done ) & watcher=$!
        set +e
        "$@"; echo "repair: exit code $?"
        set -e
        touch "$store/../done"; wait $watcher || true
        [ "$before" = "$(grep -F "$0" /proc/self/mounts)" ] && echo "same mounts"
        touch "$store/probe" 2>/dev/null || echo "still read-only"
        """;

    [SkippableTheory]
    [InlineData("a1-missing-output-with-referrers")]
    [InlineData("c2-bit-flip")]
    [InlineData("j1-writable-files")]
    public void A_read_only_bind_mount_is_written_to_in_private(string damage)
    {
        using var store = new StoreUnderTest(optimised: false);
        store.Damage(damage);

        var output = MountScript.Run(Script, [store.Root, .. RescueProgram.Repair(store.Root, lab.CacheOf(optimised: false))]);

        Assert.Contains("repair: exit code 0", output, StringComparison.Ordinal);
        Assert.Contains("same mounts", output, StringComparison.Ordinal);
        Assert.Contains("still read-only", output, StringComparison.Ordinal);
        Assert.DoesNotContain("WRITABLE", output, StringComparison.Ordinal);
        Assert.Empty(store.Check());
    }

    [SkippableFact]
    public void A_file_system_that_is_read_only_itself_is_an_error_and_can_be_looked_at()
    {
        const string readOnly = """
            copy=$(mktemp -d); mount -t tmpfs -o size=64m tmpfs "$copy"; cp -a "$0/nix" "$copy/"; mount -o remount,ro "$copy"
            set +e
            "$1" verify --store "$copy"; echo "verify: exit code $?"
            "$1" repair --check-contents --store "$copy" --source "file://$2"; echo "repair: exit code $?"
            """;
        using var store = new StoreUnderTest(optimised: false);
        store.Damage("c2-bit-flip");

        var output = MountScript.Run("exec 2>&1\n" + readOnly, store.Root, RescueProgram.Path, lab.CacheOf(optimised: false).Directory);

        Assert.Contains("libfoo3-1.3", output, StringComparison.Ordinal);
        Assert.Contains("verify: exit code 1", output, StringComparison.Ordinal);
        Assert.Contains("repair: exit code 1", output, StringComparison.Ordinal);
        Assert.True(output.Contains("ead-only", StringComparison.Ordinal), output);
    }
}
