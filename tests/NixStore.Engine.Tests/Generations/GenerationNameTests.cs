using NixStore.Engine.Generations;

namespace NixStore.Engine.Tests.Generations;

public sealed class GenerationNameTests
{
    [Theory]
    [InlineData("system-1-link", "system", 1)]
    [InlineData("home-manager-42-link", "home-manager", 42)]
    [InlineData("a-1-link-2-link", "a-1-link", 2)]
    [InlineData("x-0-link", "x", 0)]
    [InlineData("--1-link", "-", 1)]
    public void A_name_has_a_profile_and_a_number(string name, string profile, long number)
    {
        Assert.True(GenerationName.TryParse(name, out var foundProfile, out var foundNumber));
        Assert.Equal((profile, number), (foundProfile, foundNumber));
        Assert.Equal(name, GenerationName.Of(profile, number));
    }

    [Theory]
    [InlineData("system")]
    [InlineData("system-link")]
    [InlineData("system-1-link.tmp")]
    [InlineData("system-01-link")]
    [InlineData("system-+1-link")]
    [InlineData("system-x-link")]
    [InlineData("system--link")]
    [InlineData("-1-link")]
    [InlineData("system-99999999999999999999-link")]
    public void Other_names_are_none(string name) => Assert.False(GenerationName.TryParse(name, out _, out _));

    [Fact]
    public void Bytes_that_are_no_text_are_none() => Assert.False(GenerationName.TryParse([0xff, .. "-1-link\0"u8], out _, out _));
}
