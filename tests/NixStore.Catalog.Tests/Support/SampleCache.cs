using NixStore.Caches.BinaryCaches;

namespace NixStore.Catalog.Tests.Support;

/// <summary>A file cache whose narinfos are written by hand.</summary>
internal sealed class SampleCache
{
    public SampleCache(string directory)
    {
        Folder = Directory.CreateDirectory(directory).FullName;
        Directory.CreateDirectory(Path.Combine(Folder, "nar"));
        File.WriteAllText(Path.Combine(Folder, "nix-cache-info"), "StoreDir: /nix/store\n");
    }

    public string Folder { get; }

    public string Url => "file://" + Folder;

    public static string HashPart(int number) => new string((char)('a' + (number % 4)), 1) + number.ToString().PadLeft(31, '0');

    public static string Text(int number, string? name = null, string references = "", string more = "", string? url = null) =>
        $"""
        StorePath: /nix/store/{HashPart(number)}-{name ?? $"package-{number}.0"}
        URL: {url ?? $"nar/{number}.nar.xz"}
        Compression: xz
        FileHash: sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73
        FileSize: {100 + number}
        NarHash: sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73
        NarSize: {1000 + number}
        References: {references}
        {more}
        """.TrimEnd('\n') + "\n";

    public SampleCache Add(int number, string? text = null)
    {
        File.WriteAllText(Path.Combine(Folder, HashPart(number) + ".narinfo"), text ?? Text(number));
        File.WriteAllText(Path.Combine(Folder, "nar", $"{number}.nar.xz"), new string('x', 100 + number));
        return this;
    }

    public void Remove(int number) => File.Delete(Path.Combine(Folder, HashPart(number) + ".narinfo"));

    public BinaryCache Open() => BinaryCacheFactory.Open(Url);
}
