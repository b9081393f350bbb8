using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Faults;

/// <summary>No space left while a repair stages: a clear error, nothing lost, nothing left over; with space it goes through.</summary>
[Collection(LabCollection.Name)]
public sealed class DiskFullTests(Lab lab)
{
    private const string Script = """
        store=$0; program=$1; shift
        copy=$(mktemp -d); mount -t tmpfs -o size=64m tmpfs "$copy"; cp -a "$store/nix" "$copy/"
        list() { (cd "$copy/nix/store" && find . -mindepth 1 -printf '%P %y %s %m %T@ %i\n' | sort); }
        before=$(list)
        free=$(df --output=avail -k "$copy" | tail -1)
        head -c $(( (free - 64) * 1024 )) /dev/zero > "$copy/filler"
        set +e
        "$program" repair --json --check-contents --store "$copy" "$@"; echo "full: exit code $?"
        set -e
        [ "$before" = "$(list)" ] && echo "full: nothing changed"
        rm "$copy/filler"
        "$program" repair --check-contents --store "$copy" "$@" > /dev/null; echo "space: exit code $?"
        "$program" verify --store "$copy" > /dev/null; echo "verified: exit code $?"
        """;

    [SkippableTheory]
    [InlineData("a1-missing-output-with-referrers")]
    [InlineData("c2-bit-flip")]
    [InlineData("d4-empty-dir")]
    public void A_full_disk_changes_nothing_and_with_space_the_repair_goes_through(string damage)
    {
        using var store = new StoreUnderTest(optimised: false);
        store.Damage(damage);

        var output = MountScript.Run(Script + " 2>&1", [store.Root, RescueProgram.Path, .. RescueProgram.Repair("", lab.CacheOf(optimised: false))[^4..]]);

        Assert.Contains("full: nothing changed", output, StringComparison.Ordinal);
        Assert.DoesNotContain("full: exit code 0", output, StringComparison.Ordinal);
        Assert.Contains("space: exit code 0", output, StringComparison.Ordinal);
        Assert.Contains("verified: exit code 0", output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_full_disk_is_said_to_be_full()
    {
        using var store = new StoreUnderTest(optimised: false);
        store.Damage("a1-missing-output-with-referrers");

        var output = MountScript.Run("exec 2>&1\n" + Script, [store.Root, RescueProgram.Path, .. RescueProgram.Repair("", lab.CacheOf(optimised: false))[^4..]]);

        Assert.Contains("\"DiskFull\"", output, StringComparison.Ordinal);
    }
}
