using Microsoft.Data.Sqlite;
using NixStore.Engine.Archive;
using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Tests.Laboratory;

/// <summary>A store made by this product alone, with paths of one file each.</summary>
public sealed class SmallStore : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    /// <param name="paths">Names of paths to add; each refers to the one before it.</param>
    public SmallStore(params string[] paths)
    {
        Location = StoreLocator.Locate(Directory.CreateDirectory(_directory["root"]).FullName);
        StoreCreator.EnsureExists(Location);
        StorePath? previous = null;
        foreach (var name in paths)
        {
            previous = Add(name, previous is null ? [] : [previous]);
        }
    }

    /// <param name="location">The store to add to; it is made if it is not there.</param>
    public SmallStore(StoreLocation location)
    {
        Location = location;
        StoreCreator.EnsureExists(location);
    }

    public StoreLocation Location { get; }

    /// <summary>The root directory.</summary>
    public string Root => _directory["root"];

    /// <summary>A directory of the test's own beside the store.</summary>
    public string Beside(string name) => _directory[name];

    /// <summary>The path that a name gets; the hash part is made from the name.</summary>
    public static StorePath PathOf(string name)
    {
        var digest = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name));
        return StorePath.FromParts(Nix32.Encode(digest.AsSpan(0, 20)), name);
    }

    /// <summary>The full logical path of a name.</summary>
    public string Full(string name) => Location.Directory.Print(PathOf(name));

    /// <summary>Writes the path's file, canonical as Nix has it.</summary>
    public PathRegistration Write(string name, IReadOnlyList<StorePath> references)
    {
        var path = PathOf(name);
        var file = Location.RealPathOf(path);
        File.WriteAllText(file, $"{name}\n{string.Concat(references.Select(reference => Location.Directory.Print(reference) + "\n"))}");
        File.SetUnixFileMode(file, (UnixFileMode)0x124);
        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch.AddSeconds(1));
        using var store = Posix.Open(Location.RealDirectory, OpenFlags.ReadOnly | OpenFlags.Directory);
        using var hasher = new NarHasher();
        var hash = hasher.HashTree(store, ByteName.From(path.BaseName));
        return new PathRegistration(new ValidPathInfo { Path = path, NarHash = hash.Hash, NarSize = hash.Size, References = references });
    }

    /// <summary>Writes and registers a path.</summary>
    public StorePath Add(string name, params IReadOnlyList<StorePath> references)
    {
        var registration = Write(name, references);
        using var writer = StoreDatabaseWriter.Open(Location, CancellationToken.None);
        writer.Register([registration]);
        return registration.Info.Path;
    }

    /// <summary>Runs SQL on the database by a connection of this process that is closed again.</summary>
    public void Sql(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Location.DatabasePath};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public void Dispose() => _directory.Dispose();
}
