using NixStore.Engine.Locks;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Upkeep;

/// <summary>The directory .links: what is wrong with it, and its mending.</summary>
public sealed class LinksTests : IDisposable
{
    private readonly SmallStore _store = new("a");
    private readonly string _good;

    public LinksTests() => _good = Upkept.AddLink(_store.Location, "good");

    public void Dispose() => _store.Dispose();

    [Fact]
    public void A_link_that_does_not_hold_what_its_name_says_is_found_by_reading_and_taken_away()
    {
        var bad = Upkept.AddLink(_store.Location, "bad", new string('0', 52));

        Assert.Equal("LinksUnused", Assert.Single(Upkept.Of(_store.Location)).Kind);
        var finding = Upkept.Fault(_store.Location, checkContents: true);
        Assert.Equal(("LinkCorrupt", StoreFindingArea.Link, StoreFindingSeverity.Error), (finding.Kind, finding.Area, finding.Severity));
        Assert.Equal($"{_store.Location.LinksDirectory}/{bad}", finding.Path);
        var mend = Assert.Single(Upkept.Mend(_store.Location));

        Assert.Equal((StoreRepairStepKind.MendLink, finding.Path), (mend.Kind, mend.Path));
        Assert.Equal([_good], Links());
        Upkept.NoFault(_store.Location);
    }

    [Fact]
    public void An_empty_one_of_the_wrong_name_is_found_without_reading()
    {
        Upkept.AddLink(_store.Location, "", new string('1', 52));
        var right = Upkept.AddLink(_store.Location, "");

        Assert.Equal("LinkCorrupt", Upkept.Fault(_store.Location).Kind);
        Upkept.Mend(_store.Location, checkContents: false);
        Assert.Equal(new[] { _good, right }.Order(StringComparer.Ordinal), Links());
    }

    [Fact]
    public void One_that_paths_share_leaves_the_paths_what_they_have()
    {
        var path = _store.Location.RealPathOf(SmallStore.PathOf("a"));
        Command.Run("ln", path, $"{_store.Location.LinksDirectory}/{new string('2', 52)}");
        var text = File.ReadAllText(path);

        Assert.Contains("1 other names share it", Upkept.Fault(_store.Location, checkContents: true).Detail, StringComparison.Ordinal);
        Upkept.Mend(_store.Location);

        Assert.Equal([_good], Links());
        Assert.Equal(text, File.ReadAllText(path));
    }

    [Theory]
    [InlineData("mkfifo pipe", "LinkNotAFile", StoreFindingSeverity.Error)]
    [InlineData("mkdir directory", "LinkNotAFile", StoreFindingSeverity.Error)]
    [InlineData("echo x > name; chmod 444 name", "LinkNameInvalid", StoreFindingSeverity.Warning)]
    [InlineData("echo x > \"$(printf 'odd\\377\\n')\"; chmod 444 odd*", "LinkNameInvalid", StoreFindingSeverity.Warning)]
    [InlineData("ln -s /nowhere link", "LinkNameInvalid", StoreFindingSeverity.Warning)]
    [InlineData("chmod 644 *", "LinkMetadataWrong", StoreFindingSeverity.Warning)]
    public void Junk_is_found_and_taken_away(string script, string kind, StoreFindingSeverity severity)
    {
        Command.Run("/bin/sh", "-euc", $"cd \"$0\"; {script}", _store.Location.LinksDirectory);

        var finding = Upkept.Fault(_store.Location);
        Assert.Equal((kind, severity), (finding.Kind, finding.Severity));
        Upkept.Mend(_store.Location, checkContents: false);

        Assert.Equal(kind == "LinkMetadataWrong" ? [] : [_good], Links());
        Assert.Empty(Upkept.SetAside(_store.Location));
    }

    [SkippableFact]
    public void The_link_of_another_owner_is_found()
    {
        Skip.IfNot(Environment.IsPrivilegedProcess, "NOT ROOT: nobody else can give files away");
        Command.Run("chown", "nobody", $"{_store.Location.LinksDirectory}/{_good}");

        Assert.Equal("LinkMetadataWrong", Upkept.Fault(_store.Location).Kind);
    }

    [Fact]
    public void A_directory_with_something_in_it_is_set_aside_with_all_of_it()
    {
        Directory.CreateDirectory($"{_store.Location.LinksDirectory}/kept/below");

        Upkept.Mend(_store.Location);

        Assert.Equal([_good], Links());
        Assert.Equal(["links/kept"], Upkept.SetAside(_store.Location).Select(name => name.TrimStart('.')));
        Assert.Equal("SetAside", Assert.Single(Upkept.Of(_store.Location), finding => finding.Area == StoreFindingArea.State).Kind);
    }

    [Fact]
    public void A_missing_directory_is_made()
    {
        Directory.Delete(_store.Location.LinksDirectory, recursive: true);

        var finding = Assert.Single(Upkept.Of(_store.Location));
        Assert.Equal(("LinksDirectoryMissing", StoreFindingSeverity.Information), (finding.Kind, finding.Severity));
        Upkept.Mend(_store.Location);

        Assert.Empty(Upkept.Of(_store.Location));
    }

    [Fact]
    public void What_is_no_directory_is_set_aside_and_one_is_made()
    {
        Directory.Delete(_store.Location.LinksDirectory, recursive: true);
        File.WriteAllText(_store.Location.LinksDirectory, "text");

        Assert.Equal("LinksNotADirectory", Upkept.Fault(_store.Location).Kind);
        Assert.Equal(2, Upkept.Mend(_store.Location).Count);

        Assert.Equal(["store/.links"], Upkept.SetAside(_store.Location));
        Upkept.NoFault(_store.Location);
    }

    [Fact]
    public void What_is_right_by_the_time_of_mending_stays()
    {
        var name = Upkept.AddLink(_store.Location, "will be right");
        var path = $"{_store.Location.LinksDirectory}/{name}";
        var text = File.ReadAllBytes(path);
        File.SetUnixFileMode(path, (UnixFileMode)0x1a4);
        File.WriteAllText(path, "is not now");
        File.SetUnixFileMode(path, (UnixFileMode)0x124);
        var gone = Upkept.AddLink(_store.Location, "bad", new string('3', 52));
        var plan = Upkept.Plan(_store.Location);
        Assert.Equal(2, plan.Count);

        File.SetUnixFileMode(path, (UnixFileMode)0x1a4);
        File.WriteAllBytes(path, text);
        File.SetUnixFileMode(path, (UnixFileMode)0x124);
        File.Delete($"{_store.Location.LinksDirectory}/{gone}");
        Upkept.Apply(_store.Location, plan);

        Assert.Contains(name, Links());
    }

    [Fact]
    public void Links_are_not_taken_away_while_somebody_collects()
    {
        Upkept.AddLink(_store.Location, "bad", new string('0', 52));
        using var collector = CollectorLock.Acquire(_store.Location, TimeSpan.Zero, null, CancellationToken.None);

        Assert.Equal("StoreLocked", Assert.Throws<NixStoreException>(() => Upkept.Apply(_store.Location, Upkept.Plan(_store.Location))).ErrorId);
        Assert.Equal(2, Links().Count());
    }

    [SkippableFact]
    public void Links_are_mended_where_the_store_is_mounted_read_only() => MountNamespace.Run(space =>
    {
        Upkept.AddLink(_store.Location, "bad", new string('0', 52));
        space.MakeReadOnly(_store.Location.RealDirectory);

        Assert.Equal("LinkCorrupt", Assert.Single(Upkept.Look(_store.Location, checkContents: true), finding => finding.Severity > StoreFindingSeverity.Information).Kind);
        Upkept.Apply(_store.Location, Upkept.Plan(_store.Location));

        Assert.Equal([_good], Links());
    });

    private IEnumerable<string> Links() => Directory.EnumerateFileSystemEntries(_store.Location.LinksDirectory).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);
}
