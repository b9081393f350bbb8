namespace NixStore.Engine.Tests.Model;

public sealed class StoreDurationTests
{
    [Theory]
    [InlineData("10min", "00:10:00")]
    [InlineData("10m", "00:10:00")]
    [InlineData("1h 30min", "01:30:00")]
    [InlineData("1h30min", "01:30:00")]
    [InlineData(" 2 d ", "2.00:00:00")]
    [InlineData("1w", "7.00:00:00")]
    [InlineData("30d", "30.00:00:00")]
    [InlineData("90s", "00:01:30")]
    [InlineData("1500ms", "00:00:01.5000000")]
    [InlineData("7us", "00:00:00.0000070")]
    [InlineData("0s", "00:00:00")]
    [InlineData("01:30:00", "01:30:00")]
    [InlineData("1.00:00:00", "1.00:00:00")]
    public void It_is_read(string text, string expected) => Assert.Equal(expected, StoreDuration.Parse(text).ToString("c"));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("10")]
    [InlineData("min")]
    [InlineData("-10min")]
    [InlineData("-01:00:00")]
    [InlineData("1.5h")]
    [InlineData("10mo")]
    [InlineData("10 min!")]
    [InlineData("10MIN")]
    [InlineData("1h\n")]
    [InlineData("99999999999999999999d")]
    [InlineData("9999999999d")]
    [InlineData("10675199d 10675199d")]
    [InlineData("1:2")]
    public void What_is_none_is_refused(string text)
        => Assert.Equal("InvalidDuration", Assert.Throws<NixStoreException>(() => StoreDuration.Parse(text)).ErrorId);

    [Theory]
    [InlineData("00:00:00", "0s")]
    [InlineData("00:10:00", "10min")]
    [InlineData("1.02:03:04", "1d 2h 3min 4s")]
    [InlineData("30.00:00:00", "30d")]
    [InlineData("00:00:01.5000010", "1s 500ms 1us")]
    public void It_is_written_such_that_it_comes_back(string span, string expected)
    {
        var duration = TimeSpan.Parse(span);
        Assert.Equal(expected, StoreDuration.Format(duration));
        Assert.Equal(duration, StoreDuration.Parse(StoreDuration.Format(duration)));
    }

    [Fact]
    public void The_longest_comes_back_but_for_parts_of_a_microsecond()
        => Assert.True(TimeSpan.MaxValue - StoreDuration.Parse(StoreDuration.Format(TimeSpan.MaxValue)) < TimeSpan.FromMicroseconds(1));
}
