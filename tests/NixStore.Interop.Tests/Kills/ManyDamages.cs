using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Kills;

/// <summary>
/// A store damaged in so many ways at once that its repair does every kind of step: a path put in, files exchanged, entries added and
/// removed, links retargeted, shared inodes spread, an interrupted repair taken up, modes, times and attributes set, rows changed.
/// </summary>
internal static class ManyDamages
{
    private const string Script = """
        set -e
        path() { set -- "$root"/nix/store/*-"$1"; [ $# = 1 ] && echo "$1"; }
        root=$0
        flipped=$(path libfoo7-1.7)/lib/libfoo.so.1.0
        python3 -c 'import sys; f=open(sys.argv[1],"r+b"); f.seek(100000); f.write(b"X")' "$flipped"
        ln -sfn elsewhere "$(path app-2.0)/bin/app2"
        rm -r "$(path libfoo6-1.6-dev)/include"
        echo extra > "$(path env-1)/extra"
        chmod 444 "$(path single-file.sh)"
        mv "$(path libfoo0-1.0)" "$(path libfoo0-1.0).old-1-2"
        altered=$(path libfoo5-1.5)
        chmod -R u+w "$altered"; chown -R nobody "$altered"
        setfattr -n user.x -v 1 "$altered/lib/refs"; touch "$altered/lib"; touch -h "$altered/lib/libfoo.so"
        sqlite3 "$root/nix/var/nix/db/db.sqlite" "update ValidPaths set narSize = narSize + 8 where path like '%-app-1.0'"
        sqlite3 "$root/nix/var/nix/db/db.sqlite" "update ValidPaths set deriver = '/nix/store/x' where path like '%-bigfile'"
        """;

    /// <summary>A damaged copy of the optimised lab store.</summary>
    internal static StoreUnderTest Make()
    {
        var store = new StoreUnderTest(optimised: true);
        try
        {
            store.Damage("i2-links-zero-length-shared");
            store.Damage("a1-missing-output-with-referrers");
            Command.Run("/bin/bash", "-c", Script, store.Root);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }
}
