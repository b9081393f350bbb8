using System.Globalization;
using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Transfer;
using NixStore.Engine.Signatures;
using NixStore.Engine.Sources;
using NixStore.Engine.Stores;
using NixStore.Engine.Transfer;
using NixStore.Rescue.Surroundings;

namespace NixStore.Rescue.Demo;

/// <summary>A small store of its own in a temporary directory, and a signed binary cache with the same paths. Gone when disposed.</summary>
internal sealed class DemoStore : IDisposable
{
    private const UnixFileMode Executable = (UnixFileMode)0x1ed;

    private readonly string _root = ScratchDirectory.Make("nixstore-demo-");
    private readonly Dictionary<string, StorePath> _paths = new(StringComparer.Ordinal);

    private DemoStore() => Location = StoreLocator.Locate($"local?root={_root}/root");

    /// <summary>Where the store is.</summary>
    public StoreLocation Location { get; }

    /// <summary>The cache's address.</summary>
    public string CacheUrl => $"file://{_root}/cache";

    /// <summary>Who signed the cache.</summary>
    public string PublicKey { get; private set; } = "";

    /// <summary>How many paths there are.</summary>
    public int Count => _paths.Count;

    /// <summary>Makes files, a store of them, and a cache of that.</summary>
    public static DemoStore Create(CancellationToken cancellation)
    {
        var demo = new DemoStore();
        try
        {
            demo.MakeFiles();
            demo.Import(cancellation);
            demo.Export(cancellation);
            return demo;
        }
        catch
        {
            demo.Dispose();
            throw;
        }
    }

    /// <summary>The full logical path of one of the paths.</summary>
    public string LogicalPath(string name) => Location.Directory.Print(_paths[name]);

    /// <summary>Where a file of one of the paths is; without a second name, the path itself.</summary>
    public string RealPath(string name, string file = "") => Path.Join(Location.RealPathOf(_paths[name]), file);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Directory.Exists(Location.RealDirectory))
        {
            // The directories of store objects may not be written to, not even for removal.
            foreach (var directory in Directory.EnumerateDirectories(Location.RealDirectory, "*", SearchOption.AllDirectories))
            {
                File.SetUnixFileMode(directory, Executable);
            }
        }

        Directory.Delete(_root, recursive: true);
    }

    private void MakeFiles()
    {
        var noise = new byte[200_000];
        new Random(1).NextBytes(noise);
        Write("hello-1.0/bin/hello", "#!/bin/sh\necho Hello\n"u8);
        File.SetUnixFileMode($"{_root}/files/hello-1.0/bin/hello", Executable);
        Write("hello-1.0/share/greeting", "Hello\n"u8);
        File.CreateSymbolicLink($"{_root}/files/hello-1.0/hi", "bin/hello");
        Write("libdemo-2.1/lib/libdemo.so.2.1", noise);
        Write("libdemo-2.1/include/demo.h", "int demo(void);\n"u8);
        Write("numbers/numbers", System.Text.Encoding.ASCII.GetBytes(string.Join('\n', Enumerable.Range(1, 50_000)
            .Select(number => number.ToString(CultureInfo.InvariantCulture)))));
        Write("manual.txt", "Read it before it is lost.\n"u8);
        Write("config/etc/demo.conf", "color = blue\n"u8);
        Write("notes/today", "Nothing happened.\n"u8);
        Write("spare/part", "Nobody touches this one.\n"u8);
    }

    private void Write(string name, ReadOnlySpan<byte> contents)
    {
        var path = $"{_root}/files/{name}";
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, contents);
    }

    private void Import(CancellationToken cancellation)
    {
        using var importer = PathImporter.Open(Location, cancellation);
        foreach (var file in Directory.EnumerateFileSystemEntries($"{_root}/files").Order(StringComparer.Ordinal))
        {
            _paths.Add(Path.GetFileName(file), importer.Add(new FileImport(file), cancellation).Path);
        }
    }

    private void Export(CancellationToken cancellation)
    {
        using var key = NixSecretKey.Generate("demo-1");
        PublicKey = key.PublicKey.ToString();
        using var source = LocalStoreSource.Open(Location);
        using var cache = BinaryCacheFactory.Open(
            CacheUrl, new BinaryCacheOptions { StoreDirectory = Location.Directory, Create = true }, cancellation);
        new BinaryCacheExporter(source, cache, new BinaryCacheAddOptions { SecretKeys = [key] }, Environment.ProcessorCount)
            .Export(_paths.Values, withClosure: false, _ => { }, (_, error) => throw error, cancellation);
    }
}
