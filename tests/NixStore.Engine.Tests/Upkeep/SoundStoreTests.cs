using NixStore.Engine.Locks;
using NixStore.Engine.Stores;
using NixStore.Engine.Tests.Laboratory;
using NixStore.Engine.Upkeep;

namespace NixStore.Engine.Tests.Upkeep;

/// <summary>Where nothing is wrong, nothing is found that is more than worth knowing, and nothing is mended.</summary>
public sealed class SoundStoreTests : IDisposable
{
    private readonly SmallStore _store = new("a", "b");

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 3)]
    public void Nothing_is_found_in_a_store_of_our_own(bool contents, int workers)
    {
        File.CreateSymbolicLink($"{_store.Location.StateDirectory}/gcroots/a", _store.Full("a"));
        Upkept.AddLink(_store.Location, "shared");

        var finding = Assert.Single(Upkept.Of(_store.Location, contents, workers));

        Assert.Equal(("LinksUnused", StoreFindingSeverity.Information), (finding.Kind, finding.Severity));
        Assert.Empty(Upkept.Plan(_store.Location));
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nothing_is_wrong_with_a_store_of_real_Nix(bool optimised)
    {
        using var store = optimised ? LabStore.Optimised() : LabStore.Signed();

        Upkept.NoFault(store.Location);
        Assert.Empty(Upkept.Plan(store.Location));
    }

    [SkippableTheory]
    [MemberData(nameof(RealNix.Versions), MemberType = typeof(RealNix))]
    public void Nothing_is_wrong_with_what_each_Nix_makes_and_collects(string version)
    {
        using var directory = new TemporaryDirectory();
        var store = StoreLocator.Locate(Directory.CreateDirectory(directory["root"]).FullName);
        var nix = RealNix.Require(version);
        nix.Instantiate(store, "derivation { name = \"x\"; system = \"any\"; builder = \"/bin/sh\"; }");
        nix.Store(store, "--gc");

        Assert.All(Upkept.Of(store, true), finding => Assert.Equal(("CollectorSocketLeft", StoreFindingSeverity.Information), (finding.Kind, finding.Severity)));
        Assert.Empty(Upkept.Plan(store));
    }

    [Fact]
    public void What_is_at_work_is_not_taken_for_left_over()
    {
        Directory.CreateDirectory($"{_store.Location.StateDirectory}/gc-socket");
        File.WriteAllText($"{_store.Location.StateDirectory}/gc-socket/socket", "");
        using var roots = TemporaryRoots.Open(_store.Location, CancellationToken.None);
        roots.Add(SmallStore.PathOf("a"), CancellationToken.None);
        using (CollectorLock.Acquire(_store.Location, TimeSpan.Zero, null, CancellationToken.None))
        {
            Assert.Empty(Upkept.Of(_store.Location));
        }

        Assert.Equal("CollectorSocketLeft", Assert.Single(Upkept.Of(_store.Location)).Kind);
    }

    [Fact]
    public void It_ends_when_it_is_told_to()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => UpkeepExaminer.Examine(_store.Location, new UpkeepOptions(), _ => { }, stop.Token));
    }

    [Fact]
    public void A_store_that_was_opened_read_only_is_not_mended()
        => Assert.Equal("StoreReadOnly", Assert.Throws<NixStoreException>(
            () => UpkeepMender.Open(_store.Location with { IsReadOnly = true }, TimeSpan.Zero)).ErrorId);
}
