namespace NixStore.Interop.Tests.Damage;

/// <summary>
/// All cases of tests/interop/damage.py with what is expected of us. docs/DAMAGE.md is made from it.
/// </summary>
internal static class DamageTable
{
    private const string Doctor = "the database doctor";
    private const string Collection = "garbage collection";
    private const string Optimisation = "optimisation";

    /// <summary>In the order of damage.py.</summary>
    internal static IReadOnlyList<DamageCase> All { get; } =
    [
        // A path is not there.
        FromSource("a1-missing-output-with-referrers", "libfoo3-1.3: Missing [Missing]"),
        FromSource("a2-missing-source-with-referrers", "lab-src: Missing [Missing]"),
        FromSource("a3-missing-drv-with-referrers", "libfoo3-1.3.drv: Missing [Missing]"),
        FromSource("a4-missing-output-and-its-drv", "libfoo3-1.3.drv: Missing [Missing]", "libfoo3-1.3: Missing [Missing]"),
        FromSource("a5-many-missing-chain", "libfoo0-1.0: Missing [Missing]", "libfoo1-1.1: Missing [Missing]", "libfoo2-1.2: Missing [Missing]",
            "libfoo3-1.3: Missing [Missing]"),
        FromSource("b1-missing-no-referrers", "garbage-top: Missing [Missing]"),
        FromSource("b2-missing-but-profile-root", "env-3: Missing [Missing]"),
        FromSource("b3-missing-with-all-referrers", "garbage-top: Missing [Missing]", "garbage: Missing [Missing]"),
        Refused("b4-empty-store-not-mounted", "StoreDirectoryEmpty",
            "an unmounted store is mounted, not refilled; -Force says that it really is empty"),

        // A file has other contents.
        FromSource("c1-zero-length-file", "libfoo3-1.3: Corrupt [HashMismatch, ZeroLength lib/libfoo.so.1.0]"),
        FromSource("c2-bit-flip", "libfoo3-1.3: Corrupt [HashMismatch]"),
        FromSource("c3-zeroed-file", "libfoo3-1.3: Corrupt [HashMismatch, NulFilled lib/libfoo.so.1.0]"),
        FromSource("c4-zero-length-drv", "libfoo3-1.3.drv: Corrupt [HashMismatch, ZeroLength]"),
        FromSource("c5-half-drv", "libfoo3-1.3.drv: Corrupt [HashMismatch]"),
        FromItself("c6-zero-length-source", "LICENSE: Corrupt [HashMismatch, ZeroLength]"),
        FromSource("c7-fixed-output-flip", "fod-flat.txt: Corrupt [HashMismatch]"),
        FromSource("c8-garbage-bitflip", "garbage: Corrupt [HashMismatch]"),
        FromItself("c9-source-dir-flip", "lab-src: Corrupt [HashMismatch]"),

        // A tree has another shape.
        FromSource("d1-symlink-missing", "libfoo3-1.3: Corrupt [HashMismatch]"),
        FromItself("d2-extra-file",
            "libfoo3-1.3: Corrupt [HashMismatch, Mode lib/__pycache__, ModificationTime lib/__pycache__, ExtraEntry lib/__pycache__]"),
        FromSource("d3-symlink-retargeted", "libfoo3-1.3: Corrupt [HashMismatch, ModificationTime lib/libfoo.so]"),
        FromSource("d4-empty-dir", "libfoo3-1.3: Corrupt [HashMismatch]"),
        FromSource("d5-dir-became-file", "libfoo3-1.3: Corrupt [HashMismatch, ZeroLength]"),
        FromItself("d6-fifo-inside", "libfoo3-1.3: Corrupt [UnsupportedType lib/pipe]"),

        // Something is there that the database does not know.
        Left("e1-on-disk-not-in-db", Collection, "nobody registered it, so nothing says what it should be", "orphan: Unregistered [Unregistered]"),
        Left("e2-junk-name", Collection, "it is not a store object at all", ".nfs000: Unregistered [Unregistered]",
            ".snapshots: Unregistered [Unregistered]", "junk file.tmp: Unregistered [Unregistered]", "lost+found: Unregistered [Unregistered]"),
        Left("e3-row-missing-no-referrer", Collection, "a path without a row is what an interrupted build leaves",
            "garbage-top: Unregistered [Unregistered]"),
        Left("e4-immutable-orphan", Collection, "it only matters when it is to be deleted", "immutable: Unregistered [Unregistered]"),

        // Rows are gone that others refer to.
        Left("f1-row-missing-referrers-exist", Doctor, "the row must be made anew before any collection runs",
            "libfoo3-1.3: Unregistered [Unregistered]", "libfoo3-1.3-dev: Malformed [DanglingReference]", "libfoo4-1.4: Malformed [DanglingReference]",
            "libfoo5-1.5: Malformed [DanglingReference]"),
        Left("f2-row-and-path-missing-referrers-exist", Doctor, "the row must be made anew before the path can be repaired",
            "libfoo3-1.3-dev: Malformed [DanglingReference]", "libfoo4-1.4: Malformed [DanglingReference]",
            "libfoo5-1.5: Malformed [DanglingReference]"),
        Left("f3-drv-row-missing", Doctor, "the row must be made anew before any collection runs", "libfoo3-1.3.drv: Unregistered [Unregistered]",
            "libfoo4-1.4.drv: Malformed [DanglingReference]", "libfoo5-1.5.drv: Malformed [DanglingReference]"),

        // Rows are wrong.
        Left("g1-dangling-refs-referrer", Doctor, "the row belongs to no path"),
        Left("g2-dangling-refs-reference", Doctor, "the row names no path", "app-2.0: Malformed [DanglingReference]",
            "garbage-top: Malformed [DanglingReference]"),
        Left("g3-missing-refs-row", Doctor, "finding it needs a scan of the contents for references, which Test-StorePath does"),
        Left("g4-cycle", Doctor, "only the graph as a whole shows it"),
        Left("g5-bad-path-row", Doctor, "there is no path to be repaired", "foo: Malformed [RowPath, RowHash, RowSize]"),
        FromSource("g6-bad-hash-row", "app-2.0: Malformed [RowHash]"),
        FromSource("g7-null-hash-size", "app-2.0: Malformed [RowHash, RowSize]"),
        FromItself("g8-bad-sigs", "app-2.0: Malformed [RowSignature]"),
        FromItself("g9-bad-deriver", "app-2.0: Malformed [RowDeriver]"),
        FromItself("g10-wrong-narsize", "app-2.0: Malformed [RowSize]"),
        FromSource("g11-wrong-hash", "app-2.0: Corrupt [HashMismatch]"),
        FromItself("g12-bad-ca", "fod-flat.txt: Malformed [RowContentAddress]"),

        // The database file is damaged.
        Refused("h1-page-zeroed", "DatabaseMalformed", Doctor),
        Refused("h2-header-destroyed", "DatabaseMalformed", Doctor),
        Refused("h3-db-truncated", "DatabaseMalformed", Doctor),
        Refused("h4-db-zero-length", "DatabaseEmpty", Doctor),
        Refused("h5-db-missing", "DatabaseNotFound", Doctor),
        Refused("h6-db-dir-missing", "DatabaseNotFound", Doctor),
        Left("h7-index-entry-missing", Doctor, "reading all rows does not need the lost index; collections do"),
        Left("h8-wal-leftover-committed", "nobody", "the log is read along and recovered by the next writer"),
        Left("h9-wal-torn", "nobody", "what was committed is read, what was torn never was"),
        Left("h10-wal-lost", Doctor, "the rows are gone without a trace; the paths are still there", "garbage-top: Unregistered [Unregistered]"),
        Left("h11-schema-missing", Doctor, "reading does not need the file; writing is refused (SchemaDamaged)"),
        Left("h12-schema-garbage", Doctor, "reading does not need the file; writing is refused (SchemaDamaged)"),
        Refused("h13-schema-newer", "SchemaTooNew", "a newer version of this module"),
        Left("h14-refs-page-zeroed", Doctor, "references are read from the index, which is intact; writing would fail"),

        // The links of an optimised store.
        FromSource("i1-links-bitflip-shared", "dup-a: Corrupt [HashMismatch, LinkMismatch blob]", "dup-b: Corrupt [HashMismatch, LinkMismatch blob]",
            "dup-c: Corrupt [HashMismatch, LinkMismatch blob]"),
        FromSource("i2-links-zero-length-shared",
            [
                "LICENSE: Corrupt [HashMismatch, ZeroLength]",
                .. new[] { "dup-a", "dup-b", "dup-c" }.Select(name => $"{name}: Corrupt [HashMismatch, ZeroLength L]"),
                .. Enumerable.Range(0, 8).Select(n => $"libfoo{n}-1.{n}-doc: Corrupt [HashMismatch, ZeroLength share/doc/LICENSE]"),
            ]),
        Left("i3-links-wrong-name", Optimisation, "no path is damaged"),
        Left("i4-links-dir-missing", Optimisation, "no path is damaged; the directory comes back by itself"),
        Left("i5-links-fifo", Optimisation, "no path is damaged"),
        Left("i6-links-repaired-then-optimise", Optimisation, "no path is damaged yet; optimising must not use the bad link"),

        // Metadata.
        FromItself("j1-writable-files",
            "libfoo3-1.3: Altered [Mode, Mode lib, Mode lib/libfoo.so.1.0, Mode lib/refs, Mode lib/self.txt]"),
        FromItself("j2-mtime",
            "libfoo3-1.3: Altered [ModificationTime, ModificationTime lib, ModificationTime lib/libfoo.so, ModificationTime lib/libfoo.so.1.0, ModificationTime lib/refs, ModificationTime lib/self.txt]"),
        FromItself("j3-exec-bit-lost", "libfoo3-1.3: Corrupt [HashMismatch, ExecutableChanged lib/libfoo.so.1.0]"),
        FromItself("j4-owner",
            "libfoo3-1.3: Altered [Owner, Owner lib, Owner lib/libfoo.so, Owner lib/libfoo.so.1.0, Owner lib/refs, Owner lib/self.txt]"),
        FromItself("j5-xattr", "libfoo3-1.3: Altered [ExtendedAttribute lib/libfoo.so.1.0]"),
        FromItself("j6-mode-000", "libfoo3-1.3: Corrupt [HashMismatch, Mode lib/libfoo.so.1.0, ExecutableChanged lib/libfoo.so.1.0]"),
        FromItself("j7-immutable-dead", "garbage: Altered [Immutable ref]"),

        // What interrupted work leaves.
        Left("k1-stale-lock", Collection, "nobody holds them", "gone.lock: Unregistered [Unregistered]", "libfoo3-1.3.lock: Unregistered [Unregistered]"),
        Left("k2-chroot-leftover", Collection, "a killed build left them", "gone.drv.chroot: Unregistered [Unregistered]",
            "libfoo3-1.3.check: Unregistered [Unregistered]", "libfoo3-1.3.drv.chroot: Unregistered [Unregistered]"),
        Left("k3-tmp-dirs", Collection, "nobody holds them", ".tmp-link-1234-99: Unregistered [Unregistered]",
            ".tmp-link-77-88: Unregistered [Unregistered]", "tmp-1234-1: Unregistered [Unregistered]", "tmp-4242-7: Unregistered [Unregistered]"),
        Left("k4-stale-temproots", Collection, "they protect nothing any more"),
        Left("k5-temproots-nonnumeric", Collection, "Nix before 2.36 cannot collect beside it"),
        Left("k6-gc-socket-leftover", "nobody", "the next collection makes a new one"),
        FromItself("k7-move-leftover", "libfoo3-1.3: Missing [Missing]", "libfoo3-1.3.old-123-456: Unregistered [Unregistered]",
            "libfoo3-1.3.tmp-123-456: Unregistered [Unregistered]"),
        Left("k8-roots-broken", Collection, "they are roots of nothing"),
    ];

    /// <summary>A case by its name.</summary>
    internal static DamageCase Get(string name) => All.Single(damage => damage.Name == name);

    private static DamageCase FromItself(string name, params string[] found) => new(name, Fate.RepairedFromItself, found);

    private static DamageCase FromSource(string name, params string[] found) => new(name, Fate.RepairedFromSource, found);

    private static DamageCase Refused(string name, string errorId, string reason) => new(name, Fate.Refused, [], errorId, reason);

    private static DamageCase Left(string name, string whose, string why, params string[] found)
        => new(name, Fate.Left, found, Reason: $"{whose}: {why}");
}
