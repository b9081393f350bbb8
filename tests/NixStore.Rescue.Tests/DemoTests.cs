using NixStore.Rescue.Tests.Support;

namespace NixStore.Rescue.Tests;

public sealed class DemoTests
{
    [Fact]
    public void The_demo_repairs_what_it_damages()
    {
        var run = Nixstore.Run("demo");
        Assert.True(run.Code == 0, run.Output + run.Errors);
        Assert.Equal(6, run.Lines.Count(line => line.StartsWith("Repaired ", StringComparison.Ordinal)));
        Assert.Contains("All 7 paths are valid.", run.Lines);
    }
}
