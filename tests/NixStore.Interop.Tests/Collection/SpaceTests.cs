using System.Globalization;
using System.Text.Json;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Collection;

/// <summary>What a collection is said to free is what the file system has more afterwards, to the block.</summary>
public sealed class SpaceTests
{
    /// <summary>$0 the store to copy, $1 the program, $2 shell that changes the copy in $root. Only the store directory is on the file system that is measured.</summary>
    private const string Script = """
        work=$(mktemp -d); root=$work/root; mkdir -p "$root/nix/store"
        truncate -s 192M "$work/image"; mkfs.ext4 -q -m 0 -b 4096 "$work/image"
        mount -o loop "$work/image" "$root/nix/store"; rmdir "$root/nix/store/lost+found"
        cp -a "$0/nix/var" "$root/nix/"; cp -a "$0/nix/store/." "$root/nix/store/"; chmod 755 "$root/nix/store"
        [ -z "${2-}" ] || ( cd "$root/nix/store"; eval "$2" )
        sync -f "$root/nix/store" # Blocks are counted for good when they are written.
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
        one=$(echo *-garbage) other=$(echo *-garbage-top) live=$(echo *-app-2.0)
        chmod u+w "$one" "$other" "$live"
        new() { head -c "$1" /dev/urandom > data; shift; for place; do ln data "$place"; done; rm data; }
        new 700K "$one/a" "$other/a" .links/of-two-dead
        new 300K "$one/b" "$other/b" "$one/c"
        new 500K "$one/d" "$live/d" .links/of-dead-and-live
        new 200K "$one/e" "$live/e"
        new 900K "$one/f" .links/of-one-dead
        new 100K .links/of-nothing
        chmod u-w "$one" "$other" "$live"
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
