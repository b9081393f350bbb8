using NixStore.Engine.Database;
using NixStore.Engine.Ledger;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Ledger;

/// <summary>Records of the files of a store object: made by reading and by looking, kept as bytes, compared.</summary>
public sealed class TreeRecordTests : IDisposable
{
    private const string Everything = """
        mkdir -p a/b/c empty 'with space' a-b; printf one > a/one; printf two > a/b/two; : > a/b/none; printf '#!/bin/sh\n' > run; chmod 755 run
        ln -s a/one link; ln -s "$(printf 'x%.0s' $(seq 300))" a/long; printf x > $'latin-\xe9'; head -c 100000 /dev/zero > zeros
        for i in 1 2 3 7 8 9; do head -c $i /dev/zero > "size$i"; done; ln zeros shared; printf y > a-b/y
        """;

    private readonly TreeStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Looking_and_reading_see_the_same_files()
    {
        var path = Recorded.PathOf(_store.Add("tree", Everything));

        var (read, _) = Recorded.ByReading(_store.Location, path);
        var looked = Recorded.ByLooking(_store.Location, path);

        Assert.True(TreeComparison.IsUntouched(read, looked));
        Assert.Equal(TreeRecordCodec.EncodeFiles(read), TreeRecordCodec.EncodeFiles(looked));
        Assert.Empty(TreeComparison.Compare(read, looked, withContents: false));
        Assert.Empty(TreeComparison.Compare(read, Recorded.ByReading(_store.Location, path).Record, withContents: true));
    }

    [Theory]
    [InlineData(Everything)]
    [InlineData("rm -r ../single; printf single > ../single")]
    [InlineData("rmdir ../single; ln -s target ../single")]
    [InlineData(":")]
    public void The_size_of_the_archive_follows_from_looking(string script)
    {
        var path = Recorded.PathOf(_store.Add("single", script));

        Assert.Equal(Recorded.ByReading(_store.Location, path).Hash.Size, Recorded.ByLooking(_store.Location, path).ComputeNarSize());
    }

    [SkippableFact]
    public void The_size_of_the_archive_is_that_which_real_Nix_registered()
    {
        using var lab = LabStore.Optimised();
        using var database = StoreDatabase.OpenForReading(lab.Location);
        foreach (var row in database.ReadPaths())
        {
            Assert.Equal((row.Path, row.NarSize), (row.Path, Recorded.ByLooking(lab.Location, lab.Location.Directory.Parse(row.Path)).ComputeNarSize()));
        }
    }

    [Fact]
    public void A_record_comes_back_from_its_bytes()
    {
        var (record, _) = Recorded.ByReading(_store.Location, Recorded.PathOf(_store.Add("tree", Everything)));

        Assert.True(TreeRecordCodec.TryDecode(TreeRecordCodec.EncodeFiles(record), TreeRecordCodec.EncodeHashes(record), out var decoded));

        Assert.True(TreeComparison.IsUntouched(record, decoded));
        Assert.Empty(TreeComparison.Compare(record, decoded, withContents: true));
        Assert.Equal(record.Files.ToArray().Select(file => file.Hash), decoded.Files.ToArray().Select(file => file.Hash));
        Assert.Equal(record.Files.ToArray().Select(file => file.IsShared), decoded.Files.ToArray().Select(file => file.IsShared));
    }

    [Fact]
    public void Damaged_bytes_are_told_or_make_another_record_but_never_an_error()
    {
        var (record, _) = Recorded.ByReading(_store.Location, Recorded.PathOf(_store.Add("tree", Everything)));
        var (files, hashes) = (TreeRecordCodec.EncodeFiles(record), TreeRecordCodec.EncodeHashes(record));
        for (var length = 0; length < files.Length; length++)
        {
            Assert.False(TreeRecordCodec.TryDecode(files.AsSpan(0, length), hashes, out _), $"cut to {length}");
        }

        Assert.False(TreeRecordCodec.TryDecode(files, hashes.AsSpan(1), out _));
        Assert.False(TreeRecordCodec.TryDecode([.. files, 0], hashes, out _));
        var random = new Random(4);
        for (var i = 0; i < 20_000; i++)
        {
            var damaged = files.ToArray();
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            _ = TreeRecordCodec.TryDecode(damaged, hashes, out _);
        }
    }

    [Theory]
    [InlineData("printf three > a/one", StoreProblemKind.Extended, "a/one")]
    [InlineData("printf o > a/one", StoreProblemKind.Truncated, "a/one")]
    [InlineData(": > a/one", StoreProblemKind.ZeroLength, "a/one")]
    [InlineData("printf eno > a/one", StoreProblemKind.BytesChanged, "a/one")]
    [InlineData("rm a/one", StoreProblemKind.MissingEntry, "a/one")]
    [InlineData("rm -r a/b", StoreProblemKind.MissingEntry, "a/b")]
    [InlineData("mkdir -p new/x; printf x > new/x/y", StoreProblemKind.ExtraEntry, "new")]
    [InlineData("rm -r a; printf x > a", StoreProblemKind.TypeChanged, "a")]
    [InlineData("chmod +x a/one", StoreProblemKind.ExecutableChanged, "a/one")]
    [InlineData("rm link; ln -s a/two link", StoreProblemKind.TargetChanged, "link")]
    [InlineData("rm link; ln -s a/three link", StoreProblemKind.TargetChanged, "link")]
    public void Each_change_is_named(string change, StoreProblemKind kind, string file)
    {
        var tree = _store.Add("tree", Everything);
        var (before, _) = Recorded.ByReading(_store.Location, Recorded.PathOf(tree));
        Command.Run("/bin/bash", "-euc", $"chmod -R u+w \"$0\"; cd \"$0\"; {change}", tree);

        var (now, _) = Recorded.ByReading(_store.Location, Recorded.PathOf(tree));

        var problem = Assert.Single(TreeComparison.Compare(before, now, withContents: true));
        Assert.Equal((kind, file), (problem.Kind, problem.File));
        Assert.EndsWith("when the path was last found intact", problem.Detail!, StringComparison.Ordinal);
        Assert.False(TreeComparison.IsUntouched(before, now));
    }

    [Fact]
    public void A_directory_that_became_a_link_is_one_change()
    {
        var tree = _store.Add("tree", "mkdir -p d/e; printf 1 > d/e/f; printf 2 > d-e");
        var (before, _) = Recorded.ByReading(_store.Location, Recorded.PathOf(tree));
        Command.Run("/bin/bash", "-euc", "chmod -R u+w \"$0\"; cd \"$0\"; rm -r d; ln -s x d; rm d-e", tree);

        var problems = TreeComparison.Compare(before, Recorded.ByLooking(_store.Location, Recorded.PathOf(tree)), withContents: false);

        Assert.Equal([("d", StoreProblemKind.TypeChanged), ("d-e", StoreProblemKind.MissingEntry)], problems.Select(problem => (problem.File, problem.Kind)));
    }

    [Fact]
    public void Many_changes_are_counted_but_not_all_listed()
    {
        var tree = _store.Add("tree", "for i in $(seq 150); do printf x > $i; done");
        var (before, _) = Recorded.ByReading(_store.Location, Recorded.PathOf(tree));
        Command.Run("/bin/bash", "-euc", "chmod -R u+w \"$0\"; rm \"$0\"/*", tree);

        var problems = TreeComparison.Compare(before, Recorded.ByLooking(_store.Location, Recorded.PathOf(tree)), withContents: false);

        Assert.Equal(100, problems.Count);
        Assert.EndsWith("50 more like these are not listed", problems[^1].Detail!, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_comes_to_be_shared_is_untouched_and_one_with_other_times_is_not()
    {
        var tree = _store.Add("tree", "printf x > x; printf y > y");
        var path = Recorded.PathOf(tree);
        var (before, _) = Recorded.ByReading(_store.Location, path);

        Command.Run("ln", $"{tree}/x", $"{_store.Root}/another-name");
        Assert.True(TreeComparison.IsUntouched(before, Recorded.ByLooking(_store.Location, path)));

        FileClock.WaitForNext();
        Command.Run("/bin/bash", "-euc", "chmod u+w \"$0\"; printf z > \"$0\"; touch -d @1 \"$0\"; chmod u-w \"$0\"", $"{tree}/y");
        Assert.False(TreeComparison.IsUntouched(before, Recorded.ByLooking(_store.Location, path)));
    }

    [Fact]
    public void What_is_not_there_is_told_from_what_cannot_be_looked_at()
    {
        using var looker = new TreeLooker(_store.Location);

        Assert.False(looker.Look(SmallStore.PathOf("nothing"), CancellationToken.None));

        var tree = _store.Add("tree", "printf x > x");
        Command.Run("/bin/bash", "-euc", "chmod u+w \"$0\"; mkfifo \"$0/pipe\"", tree);
        Assert.True(looker.Look(Recorded.PathOf(tree), CancellationToken.None));
        Assert.Null(looker.Record.ComputeNarSize());
    }
}
