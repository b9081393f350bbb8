using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Transfer;
using NixStore.Engine.Sources;
using NixStore.Engine.Stores;
using NixStore.Engine.Transfer;

namespace NixStore.Rescue.Tests.Support;

/// <summary>A store of three files, and a binary cache with the same paths.</summary>
public sealed class SampleStore : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("nixstore-test-").FullName;
    private readonly StoreLocation _location;
    private readonly Dictionary<string, StorePath> _paths = [];

    public SampleStore()
    {
        _location = StoreLocator.Locate($"local?root={_root}/root");
        using (var importer = PathImporter.Open(_location, default))
        {
            foreach (var name in (string[])["one", "two", "three"])
            {
                File.WriteAllText($"{_root}/{name}", $"This is {name}.");
                _paths.Add(name, importer.Add(new FileImport($"{_root}/{name}"), default).Path);
            }
        }

        using var source = LocalStoreSource.Open(_location);
        using var cache = BinaryCacheFactory.Open(CacheUrl, new BinaryCacheOptions { StoreDirectory = _location.Directory, Create = true });
        new BinaryCacheExporter(source, cache, new BinaryCacheAddOptions(), threads: 1)
            .Export(_paths.Values, withClosure: false, _ => { }, (_, error) => throw error, default);
    }

    public string Url => _location.Url;

    public string CacheUrl => $"file://{_root}/cache";

    public string StoreDirectory => _location.RealDirectory;

    public string Logical(string name) => _location.Directory.Print(_paths[name]);

    public string Real(string name) => _location.RealPathOf(_paths[name]);

    public string DatabasePath => _location.DatabasePath;

    /// <summary>A link below gcroots; gives its name.</summary>
    public string MakeRoot(string link, string name)
    {
        var path = $"{_location.StateDirectory}/gcroots/{link}";
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.CreateSymbolicLink(path, Logical(name));
        return path;
    }

    /// <summary>Other bytes, same length, time and mode.</summary>
    public void Corrupt(string name)
    {
        var file = Real(name);
        var (time, mode) = (File.GetLastWriteTimeUtc(file), File.GetUnixFileMode(file));
        File.SetUnixFileMode(file, mode | UnixFileMode.UserWrite);
        File.WriteAllBytes(file, new byte[new FileInfo(file).Length]);
        File.SetLastWriteTimeUtc(file, time);
        File.SetUnixFileMode(file, mode);
    }

    public void Delete(string name) => File.Delete(Real(name));

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
