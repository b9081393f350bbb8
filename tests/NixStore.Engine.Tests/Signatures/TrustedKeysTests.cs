using NixStore.Engine.Signatures;

namespace NixStore.Engine.Tests.Signatures;

public sealed class TrustedKeysTests
{
    private static readonly ValidPathInfo s_info = new()
    {
        Path = StorePath.Parse("v47c330my7x4cg2v2il45xcap019zfgh-src"),
        NarHash = NixHash.Parse("sha256:0hc7x4mami1jj3iay66b0qs9lm2ipl1hhsckccbxcn882rk6f1s5"),
        NarSize = 480,
        References = [StorePath.Parse("v47c330my7x4cg2v2il45xcap019zfgh-src")],
    };

    [Fact]
    public void BelievesASignatureOfATrustedKeyOnly()
    {
        using var good = NixSecretKey.Generate("good-1");
        using var other = NixSecretKey.Generate("other-1");
        var trusted = new TrustedKeys([good.PublicKey]);
        var signature = good.Sign(s_info, StoreDirectory.Default);
        var info = s_info with { Signatures = [other.Sign(s_info, StoreDirectory.Default), signature] };
        Assert.True(trusted.Verifies(info, StoreDirectory.Default, out var by));
        Assert.Equal(signature, by);
        Assert.False(new TrustedKeys([other.PublicKey]).Verifies(s_info with { Signatures = [signature] }, StoreDirectory.Default, out by));
        Assert.Null(by);
        Assert.False(TrustedKeys.None.Verifies(info, StoreDirectory.Default, out _));
    }

    [Fact]
    public void TriesEveryKeyOfAName()
    {
        using var old = NixSecretKey.Generate("cache-1");
        using var current = NixSecretKey.Generate("cache-1");
        var trusted = TrustedKeys.Parse([old.PublicKey.ToString(), current.PublicKey.ToString(), old.PublicKey.ToString()]);
        Assert.Equal(2, trusted.Keys.Count);
        foreach (var key in new[] { old, current })
        {
            Assert.True(trusted.Verifies(s_info with { Signatures = [key.Sign(s_info, StoreDirectory.Default)] }, StoreDirectory.Default, out _));
        }
    }

    [Fact]
    public void EveryFieldOfTheFingerprintCounts()
    {
        using var key = NixSecretKey.Generate("k-1");
        var trusted = new TrustedKeys([key.PublicKey]);
        var info = s_info with { Signatures = [key.Sign(s_info, StoreDirectory.Default)] };
        Assert.True(trusted.Verifies(info, StoreDirectory.Default, out _));
        Assert.False(trusted.Verifies(info with { NarSize = 481 }, StoreDirectory.Default, out _));
        Assert.False(trusted.Verifies(info with { NarHash = new NixHash(NixHashAlgorithm.Sha256, new byte[32]) }, StoreDirectory.Default, out _));
        Assert.False(trusted.Verifies(info with { References = [] }, StoreDirectory.Default, out _));
        Assert.False(trusted.Verifies(info with { Path = StorePath.Parse("v47c330my7x4cg2v2il45xcap019zfgh-srd") }, StoreDirectory.Default, out _));
        Assert.False(trusted.Verifies(info, new StoreDirectory("/other/store"), out _));
    }

    [Fact]
    public void APathWithoutANarSizeHasNoValidSignature()
    {
        using var key = NixSecretKey.Generate("k-1");
        var info = s_info with { NarSize = 0, Signatures = [key.Sign(s_info, StoreDirectory.Default)] };
        Assert.False(new TrustedKeys([key.PublicKey]).Verifies(info, StoreDirectory.Default, out _));
    }
}
