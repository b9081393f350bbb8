namespace NixStore.Engine.Tests.Model;

public sealed class StoreAgeTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 31, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("90m", "2026-03-31T10:30:00Z")]
    [InlineData("36h", "2026-03-30T00:00:00Z")]
    [InlineData("14d", "2026-03-17T12:00:00Z")]
    [InlineData("2w", "2026-03-17T12:00:00Z")]
    [InlineData("1mo", "2026-02-28T12:00:00Z")]
    [InlineData("1y", "2025-03-31T12:00:00Z")]
    [InlineData("0d", "2026-03-31T12:00:00Z")]
    [InlineData("1.00:00:01", "2026-03-30T11:59:59Z")]
    [InlineData("2026-01-01T05:00:00+01:00", "2026-01-01T04:00:00Z")]
    [InlineData("2026-01-01T05:00:00Z", "2026-01-01T05:00:00Z")]
    public void TextBecomesACutOff(string text, string cutOff)
    {
        var age = StoreAge.Parse(text);
        Assert.Equal(DateTimeOffset.Parse(cutOff, System.Globalization.CultureInfo.InvariantCulture), age.CutOff(s_now));
        Assert.Equal(text, age.ToString());
        Assert.Equal(age.CutOff(s_now), StoreAge.Parse(age.ToString()).CutOff(s_now));
    }

    [Theory]
    [InlineData("2000000000d")]
    [InlineData("2000000000w")]
    [InlineData("2000000000mo")]
    [InlineData("2000000000y")]
    [InlineData("2025y")]
    [InlineData("2000000.00:00:01")]
    public void AnAgeBeyondTheCalendarIsItsBeginning(string text)
        => Assert.Equal(DateTimeOffset.MinValue, StoreAge.Parse(text).CutOff(s_now), TimeSpan.FromDays(366));

    [Fact]
    public void ADateWithoutATimeIsLocalMidnight()
        => Assert.Equal(new DateTimeOffset(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Local)), StoreAge.Parse("2026-01-01").CutOff(s_now));

    [Theory]
    [InlineData("")]
    [InlineData("d")]
    [InlineData("14D")]
    [InlineData("14 d")]
    [InlineData("-14d")]
    [InlineData("1.5d")]
    [InlineData("3000000000d")]
    [InlineData("14x")]
    [InlineData("-1.00:00:00")]
    [InlineData("9000-01-01")]
    [InlineData("2026-13-01")]
    [InlineData("١d")]
    public void WhatIsNoAgeIsRefused(string text)
    {
        var error = Assert.Throws<NixStoreException>(() => StoreAge.Parse(text));
        Assert.Equal("InvalidAge", error.ErrorId);
        Assert.Equal(StoreErrorKind.InvalidArgument, error.Kind);
        Assert.NotNull(error.Remedy);
        Assert.False(StoreAge.TryParse(text, out _));
    }

    [Theory]
    [InlineData("14", "14d")]
    [InlineData("-14", "14d")]
    [InlineData("14.5", "14d")]
    public void ABareNumberIsRefusedWithWhatToWrite(string text, string remedy)
        => Assert.Contains($"Write {remedy} ", Assert.Throws<NixStoreException>(() => StoreAge.Parse(text)).Remedy, StringComparison.Ordinal);

    [Fact]
    public void SpansAndDatesAreWrittenSoThatTheyCanBeParsed()
    {
        Assert.Equal("14d", StoreAge.From(TimeSpan.FromDays(14)).ToString());
        Assert.Equal("36h", StoreAge.From(TimeSpan.FromHours(36)).ToString());
        Assert.Equal("00:00:01.5000000", StoreAge.From(TimeSpan.FromSeconds(1.5)).ToString());
        var date = new DateTimeOffset(2026, 1, 1, 5, 0, 0, 123, TimeSpan.FromHours(2));
        Assert.Equal(date, StoreAge.Parse(StoreAge.From(date).ToString()).CutOff(s_now));
        Assert.Throws<NixStoreException>(() => StoreAge.From(TimeSpan.FromTicks(-1)));
        Assert.Throws<NixStoreException>(() => StoreAge.From(DateTimeOffset.UtcNow.AddMinutes(1)));
        Assert.Throws<NixStoreException>(() => StoreAge.From(default(DateTime)));
        Assert.False(StoreAge.TryParse(null, out _));
    }
}
