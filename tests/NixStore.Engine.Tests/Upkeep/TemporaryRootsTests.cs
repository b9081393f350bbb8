using System.Text;
using NixStore.Engine.Native;
using NixStore.Engine.Tests.Laboratory;
using NixStore.Engine.Upkeep;

namespace NixStore.Engine.Tests.Upkeep;

/// <summary>The directory temproots: names and files at which Nix's collection ends, and what dead processes have left.</summary>
public sealed class TemporaryRootsTests : IDisposable
{
    private readonly SmallStore _store = new("a");

    public void Dispose() => _store.Dispose();

    private string Roots => $"{_store.Location.StateDirectory}/temproots";

    [Theory]
    [InlineData("1", true)]
    [InlineData("1-abc", true)]
    [InlineData(" \t+7x", true)]
    [InlineData("-7", true)]
    [InlineData("2147483647", true)]
    [InlineData("2147483648", false)]
    [InlineData("99999999999999999999999", false)]
    [InlineData("foo", false)]
    [InlineData("x1", false)]
    [InlineData("+-1", false)]
    [InlineData("- 1", false)]
    [InlineData("", false)]
    public void A_number_is_what_Nix_takes_for_one(string name, bool isNumber)
        => Assert.Equal(isNumber, TemporaryRootsCheck.HasNumber(Encoding.UTF8.GetBytes(name)));

    [Theory]
    [InlineData("foo", "")]
    [InlineData("foo", "something")]
    [InlineData("99999999999", "")]
    public void A_name_without_a_number_is_set_aside(string name, string text)
    {
        File.WriteAllText($"{Roots}/{name}", text);
        File.WriteAllText($"{Roots}/.keep", "");

        var finding = Upkept.Fault(_store.Location);
        Assert.Equal(("TemporaryRootsNameInvalid", StoreFindingArea.Root, StoreFindingSeverity.Error), (finding.Kind, finding.Area, finding.Severity));
        Assert.Equal(StoreRepairStepKind.MendRoot, Assert.Single(Upkept.Mend(_store.Location)).Kind);

        Assert.Equal([$"temproots/{name}"], Upkept.SetAside(_store.Location));
        Assert.Equal([".keep"], Directory.EnumerateFiles(Roots).Select(path => Path.GetFileName(path)));
        Upkept.NoFault(_store.Location);
    }

    [Fact]
    public void One_that_somebody_holds_stays()
    {
        File.WriteAllText($"{Roots}/foo", "");
        var plan = Upkept.Plan(_store.Location);
        using var held = Posix.Open($"{Roots}/foo", OpenFlags.ReadWrite);
        Assert.True(Posix.TryFlock(held, LockMode.Exclusive));

        Assert.Equal(StoreFindingSeverity.Warning, Upkept.Fault(_store.Location).Severity);
        Assert.Empty(Upkept.Plan(_store.Location));
        Assert.Equal("TemporaryRootsInUse", Assert.Throws<NixStoreException>(() => Upkept.Apply(_store.Location, plan)).ErrorId);
        Assert.Equal(0, new FileInfo($"{Roots}/foo").Length);
    }

    [Fact]
    public void Who_waits_for_the_lock_meanwhile_sees_that_the_file_is_gone()
    {
        File.WriteAllText($"{Roots}/foo", "");
        using var waiting = Posix.Open($"{Roots}/foo", OpenFlags.ReadWrite);

        Upkept.Mend(_store.Location);

        Assert.True(Posix.TryFlock(waiting, LockMode.Exclusive));
        Assert.True(Posix.Status(waiting).Size > 0);
    }

    [Fact]
    public void One_that_is_gone_by_the_time_of_mending_is_no_error()
    {
        File.WriteAllText($"{Roots}/foo", "");
        var plan = Upkept.Plan(_store.Location);
        File.Delete($"{Roots}/foo");

        Upkept.Apply(_store.Location, plan);

        Assert.Empty(Upkept.SetAside(_store.Location));
    }

    [Theory]
    [InlineData("mkdir -p 123/below")]
    [InlineData("ln -s /etc/hostname 123")]
    [InlineData("mkfifo 123")]
    public void What_is_no_file_is_set_aside(string script)
    {
        Command.Run("/bin/sh", "-euc", $"cd \"$0\"; {script}", Roots);

        Assert.Equal("TemporaryRootsNotAFile", Upkept.Fault(_store.Location).Kind);
        Upkept.Mend(_store.Location);

        Assert.Equal(["temproots/123"], Upkept.SetAside(_store.Location));
        Upkept.NoFault(_store.Location);
    }

    [Fact]
    public void The_file_of_a_dead_process_is_worth_knowing_and_stays()
    {
        File.WriteAllText($"{Roots}/999999", $"{_store.Full("a")}\0");

        var finding = Assert.Single(Upkept.Of(_store.Location));

        Assert.Equal(("TemporaryRootsStale", StoreFindingSeverity.Information), (finding.Kind, finding.Severity));
        Assert.Empty(Upkept.Plan(_store.Location));
    }

    [SkippableFact]
    public void What_cannot_be_moved_stays_where_it_is() => MountNamespace.Run(space =>
    {
        space.MountMemory(Roots, "size=1m");
        File.WriteAllText($"{Roots}/foo", "text");

        var error = Assert.Throws<NixStoreException>(() => Upkept.Apply(_store.Location, Upkept.Plan(_store.Location)));

        Assert.Equal("SetAsideOnOtherFileSystem", error.ErrorId);
        Assert.Equal("text", File.ReadAllText($"{Roots}/foo"));
    });
}
