using NixStore.Engine.Native;

namespace NixStore.Engine.Tests.Laboratory;

/// <summary>The clock that the file system takes its times from. It goes in steps, of some milliseconds as a rule.</summary>
public static class FileClock
{
    /// <summary>Comes back when what is written from now on gets a later time than what was written before.</summary>
    public static void WaitForNext()
    {
        using var directory = new TemporaryDirectory();
        var before = Now();
        Assert.True(SpinWait.SpinUntil(() => Now() > before, TimeSpan.FromMinutes(1)));

        DateTimeOffset Now()
        {
            File.WriteAllText(directory["file"], "");
            Assert.True(Posix.TryStatus(directory["file"], out var status, out _));
            return status.ChangeTime;
        }
    }
}
