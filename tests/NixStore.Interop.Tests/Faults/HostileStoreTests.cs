using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Faults;

/// <summary>Whoever could write into a store must not make root's repair write, remove or chmod anything outside of it.</summary>
[Collection(LabCollection.Name)]
public sealed class HostileStoreTests(Lab lab)
{
    /// <summary>What somebody put there; $path is a store object, $store the store directory, $outside a directory of somebody else's.</summary>
    public static TheoryData<string, string> Tricks => new()
    {
        { "a link to outside where a directory was", "rm -r $path/lib; ln -s $outside $path/lib" },
        { "a link to outside where the object was", "rm -r $path; ln -s $outside $path" },
        { "a link to outside where a file was", "rm $path/lib/refs; ln -s $outside/refs $path/lib/refs" },
        { "a hard link to a file outside", "rm $path/lib/refs; ln $outside/refs $path/lib/refs" },
        { "a directory of links where a file was", "rm $path/lib/refs; mkdir $path/lib/refs; ln -s $outside $path/lib/refs/x" },
        { "an interrupted repair that is a link", "echo x > $path/lib/refs; ln -s $outside $path.old-1-2" },
        { "links that is a link", "echo x > $path/lib/refs; rm -rf $store/.links; ln -s $outside $store/.links" },
        { "names of odd bytes", "echo x > $path/lib/refs; touch $path/$(printf 'a\\377\\nb') \"$path/ \" \"$path/-rf\"" },
        { "a tree too deep for a stack", "cd $path; for i in $(seq 300); do mkdir d; cd d; done" },
        { "a device and a socket", "mknod $path/lib/null c 1 3; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"'$store/s'\")'; mv $store/s $path/lib/s" },
        { "an object that is immutable in all its parts", "echo x > $path/lib/refs; rm $path/lib/libfoo.so; mkdir -p $path/more/deep; touch $path/more/deep/er; chattr -R +i $path 2>/dev/null || true" },
        { "a file that is open for append only", "echo x > $path/lib/refs; chattr +a $path/lib/refs 2>/dev/null || true" },
    };

    [SkippableTheory]
    [MemberData(nameof(Tricks))]
    public void Nothing_outside_is_touched_and_the_path_is_repaired(string trick, string script)
    {
        Assert.NotEmpty(trick);
        using var outside = new TemporaryDirectory();
        foreach (var name in new[] { "refs", "libfoo.so", "self.txt" })
        {
            File.WriteAllText(outside[name], "somebody else's");
        }

        using var store = new StoreUnderTest(optimised: false);
        Command.Run("/bin/bash", "-euc", $"path=$0; store=$1; outside=$2\n{script}", store.RealPathOf("libfoo3-1.3"), store.Location.RealDirectory, outside.Path);
        var found = store.Check();
        Assert.Contains(found, path => path.Invalid);
        var before = StoreContents.Hash(outside.Path);

        var (repairs, errors) = store.Repair(found, lab.CacheOf(optimised: false));

        Assert.True(errors.Count == 0, string.Join('\n', errors.Select(error => error.Message)));
        Assert.NotEmpty(repairs);
        Assert.Equal(before, StoreContents.Hash(outside.Path));
        Assert.DoesNotContain(store.Check(), path => path.Invalid);

        // Nix itself follows this one.
        if (Directory.ResolveLinkTarget(store.Location.LinksDirectory, false) is not null)
        {
            File.Delete(store.Location.LinksDirectory);
        }

        var nix = PhysicalNix.Verify(store.Root);
        Assert.True(nix.ExitCode == 0, nix.Error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(store.Location.RealDirectory, "tmp-*"));
    }

    [SkippableFact]
    public void A_lock_file_that_is_a_link_is_not_followed()
    {
        using var outside = new TemporaryDirectory();
        using var store = new StoreUnderTest(optimised: false);
        store.Damage("c2-bit-flip");
        File.CreateSymbolicLink(store.RealPathOf("libfoo3-1.3") + ".lock", outside["victim"]);

        var (_, errors) = store.Repair(store.Check(), lab.CacheOf(optimised: false));

        Assert.Single(errors);
        Assert.False(File.Exists(outside["victim"]));
    }
}
