using NixStore.Engine.Overlay.Mounting;
using NixStore.Rescue.Tests.Support;

namespace NixStore.Rescue.Tests;

public sealed class PublishTests : IDisposable
{
    private readonly SampleStore _lower = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("nixstore-test-").FullName;

    public void Dispose()
    {
        _lower.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void The_directory_that_an_overlay_store_was_made_in_names_it()
    {
        OverlayMaker.Plan(new OverlayRequest { LowerStore = _lower.Url, Path = _directory }).Make();

        var run = Nixstore.Run("publish", "--store", _directory, _lower.Logical("one"));

        Assert.Equal((0, ""), (run.Code, run.Errors));
        Assert.Contains(_lower.Logical("one"), Assert.Single(run.Lines), StringComparison.Ordinal);
        Assert.Contains("Present", run.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Any_other_store_is_refused_with_what_to_give()
    {
        var run = Nixstore.Run("publish", "--store", _lower.Url, _lower.Logical("one"));

        Assert.NotEqual(0, run.Code);
        Assert.Contains("local-overlay://", run.Errors, StringComparison.Ordinal);
    }
}
