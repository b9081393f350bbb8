using NixStore.Engine.Overlay.Publishing;
using NixStore.Interop.Tests.Kills;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Publishing;

/// <summary>An upper copy may be the only one that survives a loss of power, until the lower one is on the disk.</summary>
[Collection(LabCollection.Name)]
public sealed class DurabilityTests
{
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nothing_goes_from_the_upper_layer_when_the_lower_copy_cannot_be_made_durable(bool wasPublishedBefore)
    {
        using var lab = OverlayLab.OnSmallStore();
        var path = lab.Paths.Add("new");
        if (wasPublishedBefore)
        {
            using var publisher = OverlayPublisher.Open(
                lab.Location, new PublicationOptions(), _ => { }, (_, error) => throw error, _ => { }, error => throw error, CancellationToken.None);
            publisher.Publish([path], CancellationToken.None);
        }

        // The first of a publication is for what it has copied, before anything is registered.
        var run = TracedRun.RunInjecting(
            [RescueProgram.Path, "publish", "--jobs", "1", "--remove-from-upper", "--store", lab.Location.Url, lab.Location.Directory.Print(path)],
            $"syncfs:error=EIO:when={(wasPublishedBefore ? 1 : 2)}+");

        Assert.NotEqual(0, run.Result.ExitCode);
        Assert.Contains("sync the file system", run.Result.Error, StringComparison.Ordinal);
        Assert.True(File.Exists($"{lab.Upper}/{path.BaseName}"));
    }
}
