using NixStore.Engine.Stores;

namespace NixStore.Engine.Tests.Stores;

public sealed class NixConfigurationTests
{
    [Fact]
    public void Without_settings_Nix_has_its_defaults()
    {
        var configuration = new NixConfiguration();

        Assert.Equal(["https://cache.nixos.org/"], configuration.Substituters);
        Assert.StartsWith("cache.nixos.org-1:", Assert.Single(configuration.TrustedPublicKeys), StringComparison.Ordinal);
        Assert.Null(configuration.Get("store"));
    }

    [Fact]
    public void Comments_blanks_and_spaces_are_no_values()
    {
        var configuration = NixConfiguration.Parse("\n# all of it\r\n  store\t=  /x   # the rest\r\nsubstituters = a  b\tc a\n");

        Assert.Equal("/x", configuration.Get("store"));
        Assert.Equal(["a", "b", "c"], configuration.Substituters);
    }

    [Fact]
    public void Old_names_mean_the_new_settings()
    {
        var configuration = NixConfiguration.Parse("binary-caches = a\nbinary-cache-public-keys = k:1\nextra-binary-caches = b\n");

        Assert.Equal(["a", "b"], configuration.Substituters);
        Assert.Equal(["k:1"], configuration.TrustedPublicKeys);
    }

    [Theory]
    [InlineData("extra-substituters = x", new[] { "https://cache.nixos.org/", "x" })]
    [InlineData("extra-substituters = x\nextra-substituters = y", new[] { "https://cache.nixos.org/", "x", "y" })]
    [InlineData("substituters = a\nextra-substituters = x", new[] { "a", "x" })]
    [InlineData("extra-substituters = x\nsubstituters = a", new[] { "a" })]
    [InlineData("substituters =", new string[0])]
    [InlineData("substituters =\nextra-substituters = x", new[] { "x" })]
    public void Extra_adds_to_what_stands_and_a_plain_setting_replaces_all(string text, string[] expected)
        => Assert.Equal(expected, NixConfiguration.Parse(text).Substituters);

    [Theory]
    [InlineData("store /x")]
    [InlineData("store")]
    [InlineData("store=/x")]
    public void A_line_that_Nix_refuses_is_refused_with_its_number(string line)
    {
        var error = Assert.Throws<NixStoreException>(() => NixConfiguration.Parse("\n" + line));

        Assert.Equal("InvalidNixConfiguration", error.ErrorId);
        Assert.Contains("line 2", error.Message, StringComparison.Ordinal);
    }
}
