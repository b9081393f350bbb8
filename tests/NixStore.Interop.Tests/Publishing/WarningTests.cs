using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Publishing;

/// <summary>What the executable says of overlays that it cannot reach.</summary>
public sealed class WarningTests
{
    [SkippableFact]
    public void What_an_overlay_elsewhere_may_not_see_is_a_warning_that_says_what_to_do()
    {
        using var lab = OverlayLab.OnSmallStore();
        var path = lab.Paths.Add("new");
        Command.Run("mv", $"{lab.Upper}/{path.BaseName}", lab.Lower.RealDirectory);
        lab.Unmount();
        using var other = Command.Start("unshare", ["-m", "--propagation", "private", "/bin/sh", "-c",
            $"mount -t overlay overlay -o lowerdir={lab.Lower.RealDirectory},upperdir={lab.Upper},workdir={lab.Work} {lab.Location.RealDirectory} && echo ready && read end"]);
        Assert.Equal("ready", other.StandardOutput.ReadLine());

        var result = RescueProgram.Run(
            [RescueProgram.Path, "publish", "--remove-from-upper", "--store", lab.Location.Url, lab.Location.Directory.Print(path)]);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains($"warning: The overlay at '{lab.Location.RealDirectory}' needs to be remounted", result.Error, StringComparison.Ordinal);
        Assert.Contains($"mount -o remount {lab.Location.RealDirectory}", result.Error, StringComparison.Ordinal);
        Command.Finish(other);
    }
}
