using NixStore.Rescue.Tests.Support;

namespace NixStore.Rescue.Tests;

public sealed class VerifyTests : IDisposable
{
    private readonly SampleStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void A_healthy_store_has_no_findings()
    {
        var run = Nixstore.Run("verify", "--store", _store.Url, "--jobs", "1");
        Assert.Equal(0, run.Code);
        Assert.Equal(3, run.Lines.Length);
        Assert.All(run.Lines, line => Assert.StartsWith("Valid ", line, StringComparison.Ordinal));
    }

    [Fact]
    public void Damaged_contents_are_a_finding()
    {
        _store.Corrupt("two");
        var run = Nixstore.Run("verify", "--store", _store.Url, "--invalid");
        Assert.Equal(1, run.Code);
        Assert.StartsWith($"Corrupt     {_store.Logical("two")}  HashMismatch", Assert.Single(run.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Named_paths_are_verified_alone()
    {
        _store.Corrupt("two");
        var run = Nixstore.Run("verify", "--store", _store.Url, _store.Logical("one"), _store.Real("three"));
        Assert.Equal(0, run.Code);
        Assert.Equal(2, run.Lines.Length);
    }

    [Fact]
    public void What_the_store_does_not_have_is_an_error()
    {
        var run = Nixstore.Run("verify", "--store", _store.Url, "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-nothing");
        Assert.Equal(3, run.Code);
        Assert.StartsWith("error: ", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("verify", "--jobs", "0")]
    [InlineData("verify", "--frobnicate")]
    [InlineData("frobnicate")]
    [InlineData("verify", "--store", "https://cache.example.org", 8)]
    [InlineData("verify", "--store", "/nonexistent", 3)]
    public void What_cannot_be_done_has_a_code(params object[] argumentsAndCode)
    {
        var code = argumentsAndCode[^1] as int? ?? 2;
        var run = Nixstore.Run([.. argumentsAndCode.OfType<string>()]);
        Assert.Equal(code, run.Code);
        Assert.NotEmpty(run.Errors);
    }

    [Fact]
    public void The_help_says_what_the_codes_mean()
    {
        var run = Nixstore.Run("--help");
        Assert.Equal(0, run.Code);
        Assert.Contains("130 interrupted", run.Output, StringComparison.Ordinal);
    }
}
