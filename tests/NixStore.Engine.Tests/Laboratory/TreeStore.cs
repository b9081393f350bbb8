using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Transfer;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Tests.Laboratory;

/// <summary>A store made by this product alone, with paths that are whole trees.</summary>
public sealed class TreeStore : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public TreeStore()
    {
        Location = StoreLocator.Locate(Directory.CreateDirectory(_directory["root"]).FullName);
        StoreCreator.EnsureExists(Location);
    }

    public StoreLocation Location { get; }

    /// <summary>The root directory.</summary>
    public string Root => _directory["root"];

    /// <summary>Adds a path; <paramref name="script"/> is shell that makes its tree in the working directory. Gives its directory on disk.</summary>
    public string Add(string name, string script)
    {
        var tree = Directory.CreateDirectory(_directory[name]).FullName;
        Command.Run("/bin/bash", "-euc", $"cd \"$0\"; {script}", tree);
        using var importer = PathImporter.Open(Location, default);
        return Location.RealPathOf(importer.Add(new FileImport(tree), default).Path);
    }

    /// <summary>The inode of a file.</summary>
    public static ulong Inode(string path) => Status(path).Inode;

    /// <summary>The status of a file.</summary>
    public static FileStatus Status(string path)
    {
        Assert.True(Posix.TryStatus(path, out var status, out _), path);
        return status;
    }

    /// <summary>Runs shell as root may: $1 is the store directory.</summary>
    public string Shell(string script, params string[] arguments) => Command.Run("/bin/bash", ["-euc", script, "sh", Location.RealDirectory, .. arguments]);

    /// <summary>All names below the store directory with what identifies them.</summary>
    public string Listing() => Shell("cd \"$1\"; find . -printf '%P %i %n %m %s %T@\\n' | sort");

    /// <summary>Paths with which anything is wrong, contents and metadata.</summary>
    public IReadOnlyList<StorePathInfo> Check()
    {
        using var database = StoreDatabase.OpenForReading(Location);
        var found = new List<StorePathInfo>();
        ParallelVerifier.Verify(database, null, 1, path => found.Add(path.Info), new VerificationProgress(), CancellationToken.None);
        return found.FindAll(path => path.Problems.Count > 0);
    }

    public void Dispose() => _directory.Dispose();
}
