using System.Diagnostics;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Damage;

/// <summary>A cache whose files are damaged helps nobody, and harms nobody: the path stays as it is, byte by byte.</summary>
[Collection(LabCollection.Name)]
public sealed class CorruptCacheTests(Lab lab)
{
    /// <summary>What happens to the file of the path's archive in the cache; $0 is the file, $1 that of another path.</summary>
    public static TheoryData<string, string> Damages => new()
    {
        { "a flipped bit", "python3 -c 'import sys; f=open(sys.argv[1],\"r+b\"); f.seek(-40,2); b=f.read(1); f.seek(-40,2); f.write(bytes([b[0]^16]))' \"$0\"" },
        { "another archive", "cp \"$1\" \"$0\"" },
        { "half of it", "truncate -s $(($(stat -c %s \"$0\") / 2)) \"$0\"" },
        { "nothing", "truncate -s 0 \"$0\"" },
        { "no file", "rm \"$0\"" },
    };

    [SkippableTheory]
    [MemberData(nameof(Damages))]
    public void A_corrupt_cache_leaves_the_path_untouched(string damage, string command)
    {
        Debug.Assert(damage.Length > 0);
        using var copy = new CacheCopy(lab.CacheOf(optimised: false));
        using var store = new StoreUnderTest(optimised: false);
        store.Damage("c2-bit-flip");
        Command.Run("/bin/sh", "-c", command, copy.NarFileOf(store.PathOf("libfoo3-1.3")), copy.NarFileOf(store.PathOf("libfoo5-1.5")));
        var before = StoreContents.HashBelow(store.Location.RealDirectory);

        var (repairs, errors) = store.Repair(store.Check(), copy.Cache);

        Assert.Empty(repairs);
        var error = Assert.Single(errors);
        Assert.Equal("PathNotRepairable", error.ErrorId);
        Assert.Contains(copy.Cache.Url, error.Message, StringComparison.Ordinal);
        Assert.Equal(before, StoreContents.HashBelow(store.Location.RealDirectory));
    }

    [SkippableTheory]
    [MemberData(nameof(Damages))]
    public void A_corrupt_cache_puts_nothing_where_a_path_is_missing(string damage, string command)
    {
        Debug.Assert(damage.Length > 0);
        using var copy = new CacheCopy(lab.CacheOf(optimised: false));
        using var store = new StoreUnderTest(optimised: false);
        Command.Run("/bin/sh", "-c", command, copy.NarFileOf(store.PathOf("libfoo3-1.3")), copy.NarFileOf(store.PathOf("libfoo5-1.5")));
        store.Damage("a1-missing-output-with-referrers");
        var before = StoreContents.HashBelow(store.Location.RealDirectory);

        var (_, errors) = store.Repair(store.Check(), copy.Cache);

        Assert.Equal("PathNotRepairable", Assert.Single(errors).ErrorId);
        Assert.Equal(before, StoreContents.HashBelow(store.Location.RealDirectory));
    }

    [SkippableFact]
    public void A_sound_cache_behind_a_corrupt_one_repairs()
    {
        using var copy = new CacheCopy(lab.CacheOf(optimised: false));
        using var store = new StoreUnderTest(optimised: false);
        store.Damage("c2-bit-flip");
        File.WriteAllText(copy.NarFileOf(store.PathOf("libfoo3-1.3")), "no archive");
        using var sources = NixStore.Caches.BinaryCaches.SourceList.Open([copy.Cache.Url, lab.CacheOf(optimised: false).Url]);

        var (repairs, errors) = store.Repair(store.Check(), null, options => options with { Sources = [.. sources.Sources] });

        Assert.Empty(errors);
        Assert.Equal(lab.CacheOf(optimised: false).Url, Assert.Single(repairs).Source);
    }
}
