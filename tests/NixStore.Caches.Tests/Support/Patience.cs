namespace NixStore.Caches.Tests.Support;

/// <summary>How long to wait for a server that has fallen silent, where a machine may be so busy that any server seems to have.</summary>
internal static class Patience
{
    /// <summary>Runs a test with longer and longer timeouts, until only what should stall did.</summary>
    /// <param name="attempt">The test with a timeout; false when something else took longer than that.</param>
    public static void Try(Func<TimeSpan, bool> attempt)
        => Assert.True(((double[])[0.3, 3, 30, 120]).Any(seconds => attempt(TimeSpan.FromSeconds(seconds))), "What should not stall takes minutes.");
}
