using NixStore.Caches.BinaryCaches;
using NixStore.Engine.Rebuilding;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Rebuilding;

/// <summary>Databases of stores that real Nix made, deleted and made anew of nothing but the files; real Nix has the last word.</summary>
[Collection(LabCollection.Name)]
public sealed class DatabaseRebuildTests(Lab lab)
{
    private const string Subtleties = """
        let
          mk = name: a: derivation ({ inherit name; system = builtins.currentSystem; builder = "/bin/bash"; PATH = "/usr/bin:/bin"; } // a);
          text = name: builtins.toFile name "${name}\n";
          unrelated = text "unrelated";
          named = text "named";
          inner = mk "inner" { args = [ "-c" "echo ${named} > $out" ]; };
        in [
          # mentions a path that its builder was not given
          (mk "mentioning" { args = [ "-c" "echo ${builtins.unsafeDiscardStringContext unrelated} > $out" ]; })
          # reaches over its input
          (mk "reaching" { args = [ "-c" "cat ${inner} > $out; echo $out >> $out" ]; })
          (mk "discarding" {
            __structuredAttrs = true; unsafeDiscardReferences.out = true;
            args = [ "-c" "source $NIX_ATTRS_SH_FILE; echo ${named} > \${outputs[out]}" ];
          })
          (mk "image.lock" { args = [ "-c" "echo ${named} > $out" ]; })
          # a shell that stays to the end: mkdir closes its output before it exits, and Nix may take that for the end and kill it
          (mk "empty" { args = [ "-c" "mkdir $out; :" ]; })
        ]
        """;

    private const string Floating = """
        let mk = name: a: derivation ({
          inherit name; system = builtins.currentSystem; builder = "/bin/sh"; PATH = "/usr/bin:/bin";
          __contentAddressed = true; outputHashMode = "recursive"; outputHashAlgo = "sha256"; } // a);
        in mk "user" { args = [ "-c" "echo $out ${mk "used" { args = [ "-c" "echo x > $out" ]; }} > $out" ]; }
        """;

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_row_is_what_it_was_and_Nix_goes_on(bool optimised)
    {
        using var store = new StoreUnderTest(optimised);
        var live = Live(store);

        var lost = LostDatabase.Rebuild(store);

        lost.AssertEqual();
        foreach (var name in new[] { "env-1", "env-2", "env-3", "app-2.0", "symlink-output", "garbage-top" })
        {
            var path = store.PathOf(name);
            Assert.Equal(lost.Before.Closure(path), PhysicalNix.Store(store.Root, "-qR", path).Output.Split('\n').Order(StringComparer.Ordinal));
        }

        var verified = PhysicalNix.Verify(store.Root);
        Assert.True(verified.ExitCode == 0, verified.Error);
        Assert.DoesNotContain("modified", verified.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("disappeared", verified.Error, StringComparison.Ordinal);
        Assert.Empty(store.Check());
        Assert.Equal(live, Live(store));
        var built = PhysicalNix.Run(store.Root, "nix234-build", "--no-out-link", $"{SourceTree.Interop}/expr/lab.nix", "--arg", "big", "1", "-A", "all");
        Assert.True(built.ExitCode == 0, built.Error);
        Assert.DoesNotContain("building", built.Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void What_cannot_be_known_is_told()
    {
        using var store = new StoreUnderTest(optimised: false);

        var lost = LostDatabase.Rebuild(store);

        // Nothing names a maker of what was added.
        Assert.Equal(["dir1", "lab-src", "plain1.txt", "plain1.txt", "plain2.txt", "plain2.txt", "plain3.txt"], Names(row => row.Deriver == StoreCertainty.Unknown));
        Assert.All(lost.Rebuilt.Rows, row => Assert.Equal(StoreCertainty.Unknown, row.Signatures));
        Assert.All(lost.Rebuilt.Rows, row => Assert.Equal(StoreCertainty.Assumed, row.RegistrationTime));

        // Only what was built could have other contents than were registered.
        Assert.Equal(lost.Before.Paths.Where(path => lost.Before[path].ContentAddress is null),
            lost.Rebuilt.Rows.Where(row => row.Hash == StoreCertainty.Assumed).Select(row => row.Path).Order(StringComparer.Ordinal));
        Assert.All(lost.Rebuilt.Rows, row => Assert.True(row.References >= StoreCertainty.Certain));

        IEnumerable<string> Names(Func<StoreRowCertainty, bool> which)
            => lost.Rebuilt.Rows.Where(which).Select(row => row.Path["/nix/store/".Length..][33..]).Order(StringComparer.Ordinal);
    }

    [SkippableFact]
    public void Narinfos_of_a_trusted_cache_bring_the_signatures_back()
    {
        using var store = new StoreUnderTest(optimised: false);
        using var sources = SourceList.Open([lab.CacheOf(optimised: false).Url]);
        var options = new RebuildOptions { Describe = path => sources.Sources[0].Find(path, default)?.Info, TrustedKeys = SignedCache.Keys };

        var lost = LostDatabase.Rebuild(store, options);

        lost.AssertEqual();
        Assert.All(lost.Rebuilt.Rows, row =>
        {
            Assert.Equal(lost.Before[row.Path].Signatures, lost.After[row.Path].Signatures);
            Assert.Equal((StoreCertainty.Proved, StoreCertainty.Proved), (row.Hash, row.Signatures));
        });
    }

    [SkippableTheory]
    [InlineData("true")]
    [InlineData("false")]
    public void A_store_after_a_collection_comes_back_too(string keepDerivations)
    {
        using var store = new StoreUnderTest(optimised: false);
        var collected = PhysicalNix.Store(store.Root, "--gc", "--option", "keep-derivations", keepDerivations);
        Assert.True(collected.ExitCode == 0, collected.Error);

        LostDatabase.Rebuild(store).AssertEqual();

        Assert.Equal(0, PhysicalNix.Verify(store.Root).ExitCode);
    }

    [SkippableFact]
    public void References_are_those_that_Nix_registers()
    {
        using var store = new StoreUnderTest(optimised: false);
        Build(store, Subtleties);

        LostDatabase.Rebuild(store).AssertEqual();
    }

    [SkippableFact]
    public void Outputs_that_are_named_by_their_contents_are_proved()
    {
        using var store = new StoreUnderTest(optimised: false);
        Build(store, Floating, "--option", "extra-experimental-features", "ca-derivations");

        var lost = LostDatabase.Rebuild(store);

        lost.AssertEqual();
        var user = lost.Of(store.PathOf("user"));
        Assert.Equal((StoreCertainty.Proved, StoreCertainty.Proved, StoreCertainty.Unknown), (user.Hash, user.References, user.Deriver));
        Assert.Equal(0, PhysicalNix.Verify(store.Root).ExitCode);
    }

    [SkippableFact]
    public void Another_store_with_many_paths_comes_back()
    {
        using var store = StoreUnderTest.Seeded(seed: 4, paths: 150);

        LostDatabase.Rebuild(store).AssertEqual();

        Assert.Equal(0, PhysicalNix.Verify(store.Root).ExitCode);
    }

    [SkippableFact]
    [Trait("Category", "Soak")]
    public void A_store_of_20000_paths_comes_back()
    {
        using var store = StoreUnderTest.Seeded(seed: 1, paths: 20_000);

        LostDatabase.Rebuild(store).AssertEqual();
    }

    private static string[] Live(StoreUnderTest store)
    {
        // Real Nix removes links that look stale while it looks.
        using var copy = StoreUnderTest.CopyOf(store);
        return PhysicalNix.Live(copy.Root);
    }

    private static void Build(StoreUnderTest store, string expression, params string[] options)
    {
        var built = PhysicalNix.Run(store.Root, "nix234-build", ["--no-out-link", "-E", expression, .. options]);
        Assert.True(built.ExitCode == 0, built.Error);
    }
}
