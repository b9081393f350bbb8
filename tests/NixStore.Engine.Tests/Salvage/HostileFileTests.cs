using NixStore.Engine.Salvage;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Salvage;

/// <summary>Whatever is where a database should be is a loss and no error.</summary>
public sealed class HostileFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("missing", "The database has no file.")]
    [InlineData("empty", "The database is an empty file.")]
    [InlineData("directory", "The database has no file.")]
    [InlineData("fifo", "The database has no file.")]
    public void A_file_that_is_none_is_named(string kind, string loss)
    {
        Make(kind, "db.sqlite");

        var salvaged = Salvage();

        Assert.Equal(loss, Assert.Single(salvaged.Losses).ToString());
        Assert.Empty(salvaged.Paths);
        Assert.Equal(0, salvaged.PageCount);
    }

    [Theory]
    [InlineData("directory")]
    [InlineData("fifo")]
    public void A_log_that_is_none_is_as_good_as_missing(string kind)
    {
        using var database = new RandomDatabase(new(1, 20));
        File.Delete(database.LogPath);
        File.Move(database.DatabasePath, _directory["db.sqlite"]);
        Make(kind, "db.sqlite-wal");

        var salvaged = Salvage();

        Assert.Equal(20, salvaged.Paths.Count);
        Assert.Empty(salvaged.Losses);
    }

    [Fact]
    public void A_directory_that_is_missing_is_named()
        => Assert.Single(SalvagedDatabase.Read(_directory["none/db/db.sqlite"], StoreDirectory.Default, CancellationToken.None).Losses);

    [Theory]
    [InlineData(1)]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(4096)]
    [InlineData(100_000)]
    [InlineData(3_000_000)]
    public void Random_bytes_have_no_rows(int length)
    {
        var random = new Random(length);
        for (var i = 0; i < 10; i++)
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            File.WriteAllBytes(_directory["db.sqlite"], bytes);
            File.WriteAllBytes(_directory["db.sqlite-wal"], bytes);

            var salvaged = Salvage();

            Assert.Empty(salvaged.Paths);
            Assert.NotEmpty(salvaged.Losses);
        }
    }

    [Fact]
    public void A_file_of_tree_pages_that_all_point_everywhere_ends()
    {
        using var database = new RandomDatabase(new(1, 1));
        var bytes = new byte[4096 * 200];
        database.Bytes.AsSpan(0, 4096).CopyTo(bytes);
        var random = new Random(5);
        for (var page = 1; page < 200; page++)
        {
            // Interior pages of the same cell 2000 times: a child, and a key.
            var image = bytes.AsSpan(page * 4096, 4096);
            image[0] = (byte)(page % 2 == 0 ? 2 : 5);
            (image[3], image[4]) = (0x07, 0xd0);
            image[8..12].Clear();
            image[11] = (byte)random.Next(1, 200);
            for (var cell = 0; cell < 2000; cell++)
            {
                (image[12 + (2 * cell)], image[13 + (2 * cell)]) = (0x0f, (byte)(0xb0 + (4 * random.Next(16))));
            }

            for (var offset = 0xfb0; offset < 0xff8; offset += 4)
            {
                (image[offset], image[offset + 1], image[offset + 2], image[offset + 3]) = (0, 0, 0, (byte)random.Next(200));
            }
        }

        File.WriteAllBytes(_directory["db.sqlite"], bytes);

        Assert.Empty(Salvage().Paths);
    }

    [Fact]
    public void A_header_that_promises_too_much_is_not_believed()
    {
        using var database = new RandomDatabase(new(1, 20));
        database.Change(bytes => bytes.AsSpan(28, 4).Fill(0xff));

        var salvaged = database.Salvage();

        Assert.Equal(20, salvaged.Paths.Count);
        Assert.Contains(salvaged.Losses, loss => loss is { LastPage: uint.MaxValue, Reason: "is behind the end of the file" });
    }

    private SalvagedDatabase Salvage() => SalvagedDatabase.Read(_directory["db.sqlite"], StoreDirectory.Default, CancellationToken.None);

    private void Make(string kind, string name)
    {
        switch (kind)
        {
            case "empty":
                File.WriteAllBytes(_directory[name], []);
                break;
            case "directory":
                Directory.CreateDirectory(_directory[name]);
                break;
            case "fifo":
                Command.Run("mkfifo", _directory[name]);
                break;
        }
    }
}
