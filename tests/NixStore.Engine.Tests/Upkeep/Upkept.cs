using NixStore.Engine.Archive;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;
using NixStore.Engine.Upkeep;

namespace NixStore.Engine.Tests.Upkeep;

/// <summary>Looks after stores, and sees to it that looking changes nothing.</summary>
internal static class Upkept
{
    /// <summary>What is found.</summary>
    internal static List<StoreFinding> Of(StoreLocation store, bool checkContents = false, int workers = 2)
    {
        var untouched = Untouched.Of(store);
        var findings = Look(store, checkContents, workers);
        untouched.Verify();
        Assert.All(findings, finding => Assert.Equal((store.Url, true), (finding.Store, finding.Detail.Length > 0)));
        return findings;
    }

    /// <summary>What is found, where nobody can tell what was changed; how full this machine's disks are is left out, unless the disk is the test's own.</summary>
    internal static List<StoreFinding> Look(StoreLocation store, bool checkContents = false, int workers = 1, bool isOwnDisk = false)
    {
        var findings = new List<StoreFinding>();
        UpkeepExaminer.Examine(store, new UpkeepOptions { CheckContents = checkContents, Workers = workers }, findings.Add, CancellationToken.None);
        findings.RemoveAll(finding => !isOwnDisk && finding.Kind is ("DiskNearlyFull" or "DiskFull" or "InodesNearlyExhausted" or "InodesExhausted"));
        return findings;
    }

    /// <summary>Plans, which changes nothing, and applies all steps.</summary>
    internal static IReadOnlyList<UpkeepMend> Mend(StoreLocation store, bool checkContents = true)
    {
        var untouched = Untouched.Of(store);
        var plan = Plan(store, checkContents);
        untouched.Verify();
        Apply(store, plan);
        return plan;
    }

    internal static IReadOnlyList<UpkeepMend> Plan(StoreLocation store, bool checkContents = true)
        => UpkeepMender.Plan(store, new UpkeepOptions { CheckContents = checkContents, Workers = 1 }, CancellationToken.None);

    internal static void Apply(StoreLocation store, IEnumerable<UpkeepMend> mends)
    {
        using var mender = UpkeepMender.Open(store, TimeSpan.FromMilliseconds(50));
        foreach (var mend in mends)
        {
            mender.Apply(mend, CancellationToken.None);
        }
    }

    /// <summary>The one thing that is found, but for what is only worth knowing.</summary>
    internal static StoreFinding Fault(StoreLocation store, bool checkContents = false)
        => Assert.Single(Of(store, checkContents), finding => finding.Severity > StoreFindingSeverity.Information);

    /// <summary>Fails when anything is found that is more than worth knowing.</summary>
    internal static void NoFault(StoreLocation store, bool checkContents = true)
        => Assert.DoesNotContain(Of(store, checkContents), finding => finding.Severity > StoreFindingSeverity.Information);

    /// <summary>Puts a file into <c>.links</c>; gives its name there.</summary>
    internal static string AddLink(StoreLocation store, string text, string? name = null)
    {
        var path = $"{store.LinksDirectory}/new";
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, (UnixFileMode)0x124);
        name ??= NameOf(store, "new");
        File.Move(path, $"{store.LinksDirectory}/{name}");
        return name;
    }

    /// <summary>The names of what was set aside, below the directory of each repair.</summary>
    internal static IEnumerable<string> SetAside(StoreLocation store)
    {
        var directory = $"{store.StateDirectory}/nixstore/set-aside";
        return Directory.Exists(directory)
            ? Directory.EnumerateDirectories(directory).SelectMany(Directory.EnumerateDirectories)
                .SelectMany(place => Directory.EnumerateFileSystemEntries(place).Select(entry => $"{Path.GetFileName(place)}/{Path.GetFileName(entry)}"))
                .Order(StringComparer.Ordinal)
            : [];
    }

    private static string NameOf(StoreLocation store, string file)
    {
        using var links = Posix.Open(store.LinksDirectory, OpenFlags.ReadOnly | OpenFlags.Directory);
        using var hasher = new NarHasher();
        return hasher.HashTree(links, ByteName.From(file)).Hash.ToNix32();
    }
}
