using NixStore.Engine.Roots;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Roots;

/// <summary>Directories of a store with links in them; which paths are registered is a set.</summary>
public sealed class RootLab : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly HashSet<string> _registered = new(StringComparer.Ordinal);

    /// <param name="guest">A store below a root directory; otherwise one whose logical directory is the real one.</param>
    public RootLab(bool guest = false)
    {
        Directory.CreateDirectory(_directory["nix/store"]);
        Directory.CreateDirectory(_directory["nix/var/nix/gcroots/auto"]);
        Directory.CreateDirectory(_directory["nix/var/nix/profiles"]);
        Location = StoreLocator.Locate($"local?root={_directory.Path}");
        if (!guest)
        {
            Location = Location with { Directory = new StoreDirectory(Location.RealDirectory) };
        }

        foreach (var name in (string[])["a", "b"])
        {
            _registered.Add(Full(name));
        }
    }

    public StoreLocation Location { get; set; }

    public string Root => _directory.Path;

    public string GcRoots => $"{Location.StateDirectory}/gcroots";

    public string Profiles => $"{Location.StateDirectory}/profiles";

    /// <summary>The full logical path of a name; "a" and "b" are registered.</summary>
    public string Full(string name) => Location.Directory.Print(PathOf(name));

    /// <summary>A path that no other test's store has: what processes of these tests keep is kept in every store of this machine, by real Nix too.</summary>
    public static StorePath PathOf(string name) => SmallStore.PathOf($"root-lab-{name}");

    public bool IsRegistered(string path) => _registered.Contains(path);

    /// <summary>Makes a symbolic link and the directories that it is in; gives it.</summary>
    public string Link(string link, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        Command.Run("ln", "-s", target, link);
        return link;
    }

    public string MakeDirectory(string name) => Directory.CreateDirectory(_directory[name]).FullName;

    /// <summary>The permanent roots; nothing may be left out.</summary>
    public IReadOnlyList<StoreRoot> Permanent()
    {
        var scanner = new RootScanner(Location, IsRegistered);
        var roots = scanner.FindPermanent(CancellationToken.None);
        Assert.Empty(scanner.Incomplete);
        return roots;
    }

    public IReadOnlyList<StoreRoot> All(StoreRootKind kind)
        => [.. new RootScanner(Location, IsRegistered).FindAll(CancellationToken.None).Where(root => root.Kind == kind)];

    public void Dispose() => _directory.Dispose();
}
