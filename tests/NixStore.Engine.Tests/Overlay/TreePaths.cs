using NixStore.Engine.Archive;
using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Sources;
using NixStore.Engine.Tests.Laboratory;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Tests.Overlay;

/// <summary>Paths that are directories, in the upper layer of a lab.</summary>
internal static class TreePaths
{
    /// <summary>Makes a directory with a subdirectory, an executable, a larger file and a link, and registers it.</summary>
    internal static StorePath AddTree(this OverlayLab lab, string name, params IReadOnlyList<StorePath> references)
    {
        var path = SmallStore.PathOf(name);
        var root = lab.Location.RealPathOf(path);
        Directory.CreateDirectory($"{root}/bin");
        Directory.CreateDirectory($"{root}/empty");
        File.WriteAllText($"{root}/bin/{name}", $"#!/bin/sh\n{string.Concat(references.Select(lab.Location.Directory.Print))}");
        File.SetUnixFileMode($"{root}/bin/{name}", UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        File.WriteAllBytes($"{root}/large", new byte[700_000]);
        File.CreateSymbolicLink($"{root}/link", $"bin/{name}");
        File.WriteAllText($"{root}/zero", "");
        lab.Register(path, references);
        return path;
    }

    /// <summary>Expects a lower store of just these paths, by contents and metadata too, without anything of overlayfs or of unfinished work.</summary>
    internal static void ExpectLower(this OverlayLab lab, params IReadOnlyCollection<string> names)
    {
        using (var database = StoreDatabase.OpenForReading(lab.Lower))
        {
            var found = new List<StorePathInfo>();
            ParallelVerifier.Verify(database, null, 1, path => found.Add(path.Info), new VerificationProgress(), CancellationToken.None);
            Assert.Equal(names.Order(StringComparer.Ordinal), found.Select(path => path.Name).Order(StringComparer.Ordinal));
            Assert.All(found, path => Assert.Equal((path.Path, StorePathState.Valid, 0), (path.Path, path.State, path.Problems.Count)));
        }

        Assert.Equal(names.Count, lab.LowerEntries().Count());
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(lab.Upper), entry => Path.GetFileName(entry).StartsWith("tmp-", StringComparison.Ordinal));
    }

    /// <summary>What is in the directory of the lower store.</summary>
    internal static IEnumerable<string> LowerEntries(this OverlayLab lab)
        => Directory.EnumerateFileSystemEntries(lab.Lower.RealDirectory).Select(entry => Path.GetFileName(entry)).Where(name => name != ".links");

    /// <summary>Registers what is there by a path's name, as it is.</summary>
    internal static void Register(this OverlayLab lab, StorePath path, params IReadOnlyList<StorePath> references)
    {
        using var store = Posix.Open(lab.Location.RealDirectory, OpenFlags.ReadOnly | OpenFlags.Directory);
        using var hasher = new NarHasher();
        var hash = hasher.HashTree(store, ByteName.From(path.BaseName));
        using var writer = StoreDatabaseWriter.Open(lab.Location.Own, CancellationToken.None);
        using var source = LocalStoreSource.Open(lab.Location);

        // As Nix does it: what a path needs has a row in the upper database, copied from the lower one.
        writer.Register([
            .. references.Select(reference => new PathRegistration(source.Find(reference, CancellationToken.None)!.Info)),
            new PathRegistration(new ValidPathInfo { Path = path, NarHash = hash.Hash, NarSize = hash.Size, References = references }),
        ]);
    }
}
