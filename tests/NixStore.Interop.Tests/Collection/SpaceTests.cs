using System.Globalization;
using System.Text.Json;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Collection;

/// <summary>What a collection is said to free is what the file system has more afterwards, to the block.</summary>
[Collection(LabCollection.Name)]
public sealed class SpaceTests
{
    /// <summary>$0 the store to copy, $1 the program, $2 shell that changes the copy in $root. Only the store directory is on the file system that is measured.</summary>
    private const string Script = """
        work=$(mktemp -d); root=$work/root; mkdir -p "$root/nix/store"
        truncate -s 192M "$work/image"; mkfs.ext4 -q -m 0 "$work/image"
        mount -o loop "$work/image" "$root/nix/store"; rmdir "$root/nix/store/lost+found"
        cp -a "$0/nix/var" "$root/nix/"; cp -a "$0/nix/store/." "$root/nix/store/"; chmod 755 "$root/nix/store"
        [ -z "${2-}" ] || ( cd "$root/nix/store"; eval "$2" )
        used() { sync -f "$root/nix/store"; stat -f -c '%b %f %S' "$root/nix/store" | awk '{print ($1-$2)*$3}'; }
        "$1" gc --store "$root" --dry-run --json 2>/dev/null
        before=$(used); dirs=$(find "$root/nix/store" -type d | wc -l)
        "$1" gc --store "$root" --json 2>/dev/null
        echo "used $before $(used) $(( dirs - $(find "$root/nix/store" -type d | wc -l) ))"
        umount "$root/nix/store"; rm -rf "$work"
        """;

    private const string Holes = """
        for f in *-garbage/ref *-garbage-top/ref; do
          d=$(dirname "$f"); chmod u+w "$d" "$f"; truncate -s 5M "$f"; printf x | dd of="$f" bs=1 seek=3000000 conv=notrunc 2>/dev/null
          truncate -s 9G "$d/empty"; fallocate -l 300K "$d/reserved"; head -c 3M /dev/urandom > "$d/full"; mkdir -p "$d/a/b/c"; ln -s x "$d/short"; ln -s "$(printf 'x%.0s' $(seq 300))" "$d/long"
          chmod u-w "$d" "$f"
        done
        """;

    private const string Shared = """
        head -c 700K /dev/urandom > data; mkdir -p .links
        for d in *-garbage *-garbage-top *-app-1.0; do chmod u+w "$d"; done
        ln data *-garbage/two; ln data *-garbage-top/two; mv data .links/linked-with-two-dead
        head -c 300K /dev/urandom > data; ln data *-garbage/three; ln data *-garbage-top/three; ln data *-garbage/four; rm data
        head -c 500K /dev/urandom > data; ln data *-garbage/live; ln data *-app-1.0/live; mv data .links/linked-with-dead-and-live
        head -c 900K /dev/urandom > data; ln data *-garbage/outside; mv data ../outside 2>/dev/null || mv data .links/linked-with-one-dead
        head -c 100K /dev/urandom > .links/linked-with-nothing
        for d in *-garbage *-garbage-top *-app-1.0; do chmod u-w "$d"; done
        """;

    [SkippableTheory]
    [InlineData(false, "plain", "")]
    [InlineData(true, "optimised", "")]
    [InlineData(false, "sparse", Holes)]
    [InlineData(true, "partly shared", Shared)]
    public void What_is_predicted_is_what_comes_free(bool optimised, string what, string change)
    {
        Skip.IfNot(Command.Exists("mkfs.ext4"), "TOOLS MISSING: mkfs.ext4");
        Skip.IfNot(File.Exists("/dev/loop-control"), "NO LOOP DEVICES: exact space needs a file system of its own");
        using var store = new StoreUnderTest(optimised);
        var lines = MountScript.Run(Script, store.Root, RescueProgram.Path, change).Split('\n');

        var predicted = lines.TakeWhile(line => line.Contains("\"reclaimableSize\"", StringComparison.Ordinal)).Sum(line => Number(line, "reclaimableSize"));
        var freed = Number(lines[^2], "freedBytes");
        var used = lines[^1].Split(' ')[1..].Select(number => long.Parse(number, CultureInfo.InvariantCulture)).ToList();
        CollectionReport.Write($"space, {what} store: {predicted} bytes predicted, {freed} told, {used[0] - used[1]} free afterwards ({used[2]} directories deleted)");

        Assert.True(predicted > 0);
        Assert.Equal(predicted, freed);
        Assert.InRange(used[0] - used[1], predicted - (4096 * used[2]), predicted + (4096 * used[2]));
    }

    private static long Number(string json, string property) => JsonDocument.Parse(json).RootElement.GetProperty(property).GetInt64();
}
