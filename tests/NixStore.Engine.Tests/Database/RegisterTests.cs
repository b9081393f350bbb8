using NixStore.Engine.Database;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Database;

public sealed class RegisterTests : IDisposable
{
    private readonly SmallStore _store = new("a");

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Paths_of_one_call_may_come_in_any_order()
    {
        var (b, c) = (SmallStore.PathOf("b"), SmallStore.PathOf("c"));

        Register(_store.Write("d", [c, b, SmallStore.PathOf("d")]), _store.Write("c", [b]), _store.Write("b", [SmallStore.PathOf("a")]));

        Assert.Equal([_store.Full("a")], Find("b").References);
        Assert.Equal([_store.Full("b")], Find("c").References);
        Assert.Equal(new[] { _store.Full("b"), _store.Full("c"), _store.Full("d") }.Order(StringComparer.Ordinal), Find("d").References);
    }

    [Fact]
    public void A_reference_that_is_not_registered_is_an_error_and_nothing_is_left()
    {
        var error = Assert.Throws<StoreDatabaseException>(
            () => Register(_store.Write("b", []), _store.Write("c", [SmallStore.PathOf("absent")])));

        Assert.Equal(("ReferenceNotValid", _store.Full("absent")), (error.ErrorId, error.Target));
        Assert.Contains(_store.Full("c"), error.Message, StringComparison.Ordinal);
        Assert.Equal(1, Count());
    }

    [Fact]
    public void Paths_that_need_each_other_are_an_error_and_nothing_is_left()
    {
        var (b, c, d) = (SmallStore.PathOf("b"), SmallStore.PathOf("c"), SmallStore.PathOf("d"));

        var error = Assert.Throws<StoreDatabaseException>(
            () => Register(_store.Write("b", [c, SmallStore.PathOf("a")]), _store.Write("c", [d]), _store.Write("d", [b])));

        Assert.Equal("ReferenceCycle", error.ErrorId);
        Assert.Equal(1, Count());
    }

    [Fact]
    public void A_chain_of_thousands_is_no_cycle_and_no_stack_overflow()
    {
        var names = Enumerable.Range(0, 5000).Select(number => SmallStore.PathOf($"chain-{number}")).ToList();
        var info = _store.Write("b", []).Info;

        Register([.. names.Select((path, index) => new PathRegistration(info with { Path = path, References = index == 4999 ? [] : [names[index + 1]] }))]);

        Assert.Equal(5001, Count());
    }

    [Fact]
    public void Registering_again_changes_what_it_says_but_not_time_and_deriver()
    {
        var first = _store.Write("b", []);
        Register(first with { Info = first.Info with { RegistrationTime = DateTimeOffset.FromUnixTimeSeconds(1000), Deriver = SmallStore.PathOf("b.drv") } });
        var id = Find("b").Id;
        var signature = new StoreSignature("lab-1", Convert.ToBase64String(new byte[64]));

        Register(first with { Info = first.Info with { RegistrationTime = DateTimeOffset.FromUnixTimeSeconds(2000), Signatures = [signature],
            NarSize = 4711, Ultimate = true, ContentAddress = new ContentAddress(ContentAddressMethod.Nar, first.Info.NarHash), References = [SmallStore.PathOf("a")] } });

        var row = Find("b");
        Assert.Equal((id, 1000L, _store.Full("b.drv"), 4711L, 1L, signature.ToString(), $"fixed:r:{first.Info.NarHash}"),
            (row.Id, row.RegistrationTime, row.Deriver, row.NarSize, row.Ultimate, row.Signatures, row.ContentAddress));
        Assert.Equal([_store.Full("a")], row.References);
    }

    [Fact]
    public void Of_a_path_given_twice_the_last_counts()
    {
        var first = _store.Write("b", []);

        Register(first, first with { Info = first.Info with { NarSize = 4711 } });

        Assert.Equal(4711, Find("b").NarSize);
    }

    [Fact]
    public void What_is_absent_is_NULL_and_the_time_is_now()
    {
        var start = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var path = _store.Write("b", []);

        Register(path with { Info = path.Info with { NarSize = 0 } });

        var row = Find("b");
        Assert.Null(row.Deriver ?? row.Signatures ?? row.ContentAddress);
        Assert.Null(row.NarSize ?? row.Ultimate);
        Assert.InRange(row.RegistrationTime!.Value, start, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
    }

    [Fact]
    public void Outputs_of_a_derivation_are_kept_for_queries_both_ways()
    {
        var drv = _store.Write("b.drv", []);

        Register(drv with { Outputs = new Dictionary<string, string> { ["out"] = _store.Full("b"), ["dev"] = _store.Full("b-dev") } });

        using var database = StoreDatabase.OpenForReading(_store.Location);
        Assert.Equal(new Dictionary<string, string> { ["dev"] = _store.Full("b-dev"), ["out"] = _store.Full("b") }, database.FindOutputs(_store.Full("b.drv")));
        Assert.Equal([_store.Full("b.drv")], database.FindDerivers(_store.Full("b-dev")));
    }

    [SkippableTheory]
    [MemberData(nameof(RealNix.Versions), MemberType = typeof(RealNix))]
    public void Real_Nix_accepts_what_was_registered(string version)
    {
        var nix = RealNix.Require(version);
        var (b, c) = (SmallStore.PathOf("b"), SmallStore.PathOf("c"));
        Register(_store.Write("c", [b, c]), _store.Write("b", [SmallStore.PathOf("a")]));

        nix.Verify(_store.Location);
        Assert.Equal(new[] { "a", "b", "c" }.Select(_store.Full).Order(), nix.Store(_store.Location, "-qR", _store.Full("c")).Split('\n').Order());
        Assert.Equal(new[] { "a", "b", "c" }.Select(_store.Full).Order(), nix.PathInfo(_store.Location, "--all").Split('\n').Order());
        Assert.Equal(new[] { "a", "b", "c" }.Select(_store.Full).Order(),
            nix.Store(_store.Location, "--gc", "--print-dead").Split('\n').Where(line => line.StartsWith("/nix/store/", StringComparison.Ordinal)).Order());
        nix.Store(_store.Location, "--gc");
        Assert.Equal(0, Count());
        Assert.Equal([_store.Location.LinksDirectory], Directory.EnumerateFileSystemEntries(_store.Location.RealDirectory));
    }

    private void Register(params PathRegistration[] paths)
    {
        using var writer = StoreDatabaseWriter.Open(_store.Location, CancellationToken.None);
        writer.Register(paths);
    }

    private PathRow Find(string name)
    {
        using var database = StoreDatabase.OpenForReading(_store.Location);
        return database.Find(_store.Full(name))!;
    }

    private long Count()
    {
        using var database = StoreDatabase.OpenForReading(_store.Location);
        return database.CountPaths();
    }
}
