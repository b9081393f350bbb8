using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using NixStore.Caches.Compression;
using NixStore.Catalog.Roots;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.Roots;

public sealed class RootSourceTests : IDisposable
{
    private const string Good = "/nix/store/00bgd045z0d4icpbc2yyz4gx48ak44la-net-tools-2.10";
    private const string Other = "/nix/store/zzbgd045z0d4icpbc2yyz4gx48ak44lb-hello?-2.12+x_=";
    private readonly RootLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void A_store_path_is_an_origin_of_its_own_unless_it_is_given_one()
    {
        StorePath[] paths = [StorePathRoots.Parse(Good, RootLab.Nix), StorePathRoots.Parse(Other, RootLab.Nix), StorePathRoots.Parse(Good, RootLab.Nix)];

        Assert.Equal([Good, Other], StorePathRoots.From(paths, RootLab.Nix, null, isPin: false).Select(list => list.Origin));
        var named = Assert.Single(StorePathRoots.From(paths, RootLab.Nix, "release", isPin: true));
        Assert.Equal(("release", BinaryCacheRootKind.Pin, 3), (named.Origin, named.Kind, named.Paths.Count));
    }

    [Theory]
    [InlineData("/gnu/store/00bgd045z0d4icpbc2yyz4gx48ak44la-x", "NotInStoreDirectory", "/gnu/store/00bgd045z0d4icpbc2yyz4gx48ak44la-x")]
    [InlineData("/nix/storebis/00bgd045z0d4icpbc2yyz4gx48ak44la-x", "NotInStoreDirectory", "/nix/storebis/00bgd045z0d4icpbc2yyz4gx48ak44la-x")]
    [InlineData("/nix/store/00bgd045z0d4icpbc2yyz4gx48ak44la-x/bin/x", "InvalidStorePath", null)]
    [InlineData("/nix/store/../etc/passwd", "InvalidStorePath", null)]
    [InlineData("/nix/store/00bgd045z0d4icpbc2yyz4gx48ak44la-x\u001b[31m", "InvalidStorePath", "/nix/store/00bgd045z0d4icpbc2yyz4gx48ak44la-x\\x1b[31m")]
    [InlineData("", "NotInStoreDirectory", null)]
    public void Other_paths_are_refused_by_name(string path, string id, string? target)
    {
        var error = Assert.Throws<NixStoreException>(() => StorePathRoots.Parse(path, RootLab.Nix));

        Assert.Equal(id, error.ErrorId);
        Assert.DoesNotContain('\u001b', error.Message);
        Assert.Equal(target ?? error.Target, error.Target);
    }

    [Theory]
    [InlineData("store-paths")]
    [InlineData("store-paths.gz")]
    [InlineData("store-paths.br")]
    [InlineData("store-paths.zst")]
    [InlineData("no-suffix-but-xz")]
    public void Lists_are_read_however_they_are_compressed(string name)
    {
        var file = Compressed(name, $"{Good}\n\n{Other}");

        var list = StorePathListRoots.Read(file, RootLab.Nix);

        Assert.Equal((BinaryCacheRootKind.Channel, file), (list.Kind, list.Origin));
        Assert.Equal([Good, Other], list.Paths.Select(RootLab.Nix.Print));
    }

    [SkippableFact]
    public void Lists_are_read_that_the_real_xz_has_made()
    {
        var file = _lab.File("store-paths", string.Concat(Enumerable.Range(0, 20_000).Select(number => $"/nix/store/{number.ToString().PadRight(32, '0')}-package-{number}\n")));
        Skip.IfNot(TryRun("xz", "-9", "--check=sha256", "--block-size=100000", "-T2", file), "XZ MISSING");

        Assert.Equal(20_000, StorePathListRoots.Read(file + ".xz", RootLab.Nix).Paths.Select(path => path.Name).Distinct().Count());
    }

    [Theory]
    [InlineData("/gnu/store/00bgd045z0d4icpbc2yyz4gx48ak44la-x", "Line 2", "is not in /nix/store")]
    [InlineData("00bgd045z0d4icpbc2yyz4gx48ak44la-x", "Line 2", "is not in /nix/store")]
    [InlineData("/nix/store/00bgd045z0d4icpbc2yyz4gx48ak44la-x\r", "Line 2", "\\x0d")]
    [InlineData("/nix/store/00bgd045z0d4icpbc2yyz4gx48ak44la-x y", "Line 2", "no store path")]
    [InlineData("/nix/store/00bgd045z0d4icpbc2yyz4gx48ak44la-\u001b[2J", "Line 2", "\\x1b[2J")]
    [InlineData("/nix/store/00bgd045z0d4icpbc2yyz4gx48ak44la-ü", "Line 2", "no store path")]
    [InlineData("<!DOCTYPE html>", "Line 2", "<!DOCTYPE html>")]
    public void A_hostile_line_refuses_the_whole_list_and_is_named(string line, params string[] expected)
    {
        var error = Assert.Throws<NixStoreException>(() => StorePathListRoots.Read(_lab.File("list", $"{Good}\n{line}\n{Other}\n"), RootLab.Nix));

        Assert.Equal("RootListCorrupt", error.ErrorId);
        Assert.All(expected, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        Assert.DoesNotContain('\u001b', error.Message);
    }

    [Fact]
    public void A_huge_line_is_not_read_to_its_end()
    {
        var error = Assert.Throws<NixStoreException>(() => StorePathListRoots.Read(Compressed("store-paths.gz", $"{Good}\n{new string('x', 50_000_000)}"), RootLab.Nix));
        Assert.Contains("Line 2", error.Message, StringComparison.Ordinal);

        error = Assert.Throws<NixStoreException>(() => RootDocument.Read(_lab.File("many", string.Concat(Enumerable.Repeat("\n", 200_000))), CancellationToken.None, limit: 100_000).Count());
        Assert.Equal("RootListTooLarge", error.ErrorId);
    }

    [Fact]
    public void Lines_are_the_same_wherever_the_buffer_ends()
    {
        var lines = Enumerable.Range(0, 3000).Select(number => new string((char)('a' + (number % 26)), number % 97)).ToList();

        Assert.Equal(lines.Select((line, at) => (at + 1L, line)), RootDocument.Read(_lab.File("lines", string.Join('\n', lines) + "\n"), CancellationToken.None));
    }

    [Fact]
    public void What_is_empty_cut_off_or_absent_is_an_error()
    {
        Assert.Equal("RootListEmpty", IdOf(_lab.File("empty", "")));
        Assert.Equal("RootListEmpty", IdOf(_lab.File("lines", "\n\n")));
        Assert.Equal("RootListNotFound", IdOf(_lab.InFolder("absent")));
        Assert.Equal("RootListUnreadable", IdOf(Directory.CreateDirectory(_lab.InFolder("folder")).FullName));
        Assert.Equal("RootAddressNotSupported", IdOf("s3://bucket/store-paths.xz"));
        var cut = Compressed("store-paths.gz", string.Concat(Enumerable.Range(0, 1000).Select(number => $"/nix/store/{number.ToString().PadRight(32, '0')}-{Guid.NewGuid():N}\n")));
        File.WriteAllBytes(cut, File.ReadAllBytes(cut)[..^200]);
        Assert.Equal("CompressedDataTruncated", IdOf(cut));

        string IdOf(string address) => Assert.ThrowsAny<NixStoreException>(() => StorePathListRoots.Read(address, RootLab.Nix)).ErrorId;
    }

    [Fact]
    public void Lists_come_from_web_servers_too()
    {
        Compressed("store-paths.gz", Good);
        using var server = new FolderServer(_lab.InFolder(""));

        Assert.Equal(server.Url + "/store-paths.gz", StorePathListRoots.Read(server.Url + "/store-paths.gz", RootLab.Nix).Origin);
        Assert.Equal(server.Url + "/store-paths.gz", StorePathListRoots.Read(server.Url.Replace("http://", "http://user:secret@", StringComparison.Ordinal) + "/store-paths.gz", RootLab.Nix).Origin);
        var error = Assert.Throws<NixStoreException>(() => StorePathListRoots.Read(server.Url + "/absent", RootLab.Nix));
        Assert.Equal("WebFileNotFound", error.ErrorId);
    }

    [Fact]
    public void Fallback_paths_are_read()
    {
        var file = _lab.File("fallback-paths.nix", $$"""
            {
              x86_64-linux = "{{Good}}";
              i686-linux="{{Other}}";

            }
            """);

        var list = FallbackPathsRoots.Read(file, RootLab.Nix);

        Assert.Equal((BinaryCacheRootKind.FallbackPaths, file), (list.Kind, list.Origin));
        Assert.Equal([Good, Other], list.Paths.Select(RootLab.Nix.Print));
    }

    [Theory]
    [InlineData("x86_64-linux = \"" + Good + "\"", "Line 2")]
    [InlineData("x86_64-linux = \"${builtins.currentSystem}\";", "Line 2")]
    [InlineData("x86_64-linux = \"/gnu/store/00bgd045z0d4icpbc2yyz4gx48ak44la-x\";", "Line 2", "/nix/store")]
    [InlineData("x86_64-linux = \"/nix/store/../x\";", "Line 2", "no store path")]
    [InlineData("x86_64-linux = builtins.fetchurl \"http://evil\";", "Line 2")]
    [InlineData("} // {", "Line 2")]
    [InlineData("a = \"" + Good + "\";\na = \"" + Other + "\";", "Line 3", "twice")]
    [InlineData("}\nx", "Line 3", "nothing should follow")]
    [InlineData("a = \"" + Good + "\"; b = \"" + Other + "\";", "Line 2")]
    public void What_is_no_attribute_set_of_paths_is_named_by_its_line(string middle, params string[] expected)
    {
        var error = Assert.Throws<NixStoreException>(() => FallbackPathsRoots.Read(_lab.File("x.nix", "{\n" + middle + "\n}\n"), RootLab.Nix));

        Assert.Equal("RootListCorrupt", error.ErrorId);
        Assert.All(expected, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "RootListCorrupt")]
    [InlineData("{\n", "RootListCorrupt")]
    [InlineData("{\n}\n", "RootListEmpty")]
    [InlineData("rec {\n}\n", "RootListCorrupt")]
    public void Fallback_paths_without_paths_are_an_error(string text, string id)
        => Assert.Equal(id, Assert.Throws<NixStoreException>(() => FallbackPathsRoots.Read(_lab.File("x.nix", text), RootLab.Nix)).ErrorId);

    [Fact]
    public void An_age_is_a_rule_of_whole_seconds()
    {
        var rule = AgeRoots.From(TimeSpan.FromDays(90) + TimeSpan.FromMilliseconds(1));

        Assert.Equal(("age<90d", TimeSpan.FromDays(90), 0), (rule.Origin, rule.MaximumAge, rule.Paths.Count));
        Assert.Equal("InvalidAge", Assert.Throws<NixStoreException>(() => AgeRoots.From(TimeSpan.FromMilliseconds(999))).ErrorId);
    }

    private string Compressed(string name, string text)
    {
        var path = _lab.InFolder(name);
        using var file = File.Create(path);
        using Stream stream = Path.GetExtension(name) switch
        {
            ".gz" => new GZipStream(file, CompressionLevel.Fastest),
            ".br" => new BrotliStream(file, CompressionLevel.Fastest),
            ".zst" => NarCodec.OpenEncoder(NarCompression.Zstd, file, null, name),
            "" when name.EndsWith("xz", StringComparison.Ordinal) => NarCodec.OpenEncoder(NarCompression.Xz, file, null, name),
            _ => file,
        };
        stream.Write(Encoding.UTF8.GetBytes(text));
        return path;
    }

    private static bool TryRun(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(program, arguments);
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
