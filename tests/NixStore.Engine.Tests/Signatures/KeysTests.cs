using System.Text;
using NixStore.Engine.Signatures;

namespace NixStore.Engine.Tests.Signatures;

public sealed class KeysTests
{
    // RFC 8032, 7.1, TEST 1 and TEST 3.
    public static TheoryData<string, string, string, string> Vectors => new()
    {
        {
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        },
        {
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void SignsAndVerifiesTheVectorsOfRfc8032(string seed, string publicKey, string message, string signature)
    {
        using var key = NixSecretKey.Parse($"k-1:{Convert.ToBase64String(Convert.FromHexString(seed + publicKey))}");
        var signed = key.Sign(Convert.FromHexString(message));
        Assert.Equal(signature, Convert.ToHexStringLower(signed.GetBytes()));
        Assert.True(key.PublicKey.Verify(Convert.FromHexString(message), signed));
    }

    [Fact]
    public void RefusesAChangedMessageSignatureOrName()
    {
        using var key = NixSecretKey.Generate("k-1");
        var message = Encoding.UTF8.GetBytes("message");
        var good = key.Sign(message);
        var bytes = good.GetBytes();
        bytes[63] ^= 1;
        Assert.True(key.PublicKey.Verify(message, good));
        Assert.False(key.PublicKey.Verify(Encoding.UTF8.GetBytes("massage"), good));
        Assert.False(key.PublicKey.Verify(message, new StoreSignature("k-1", Convert.ToBase64String(bytes))));
        Assert.False(key.PublicKey.Verify(message, good with { KeyName = "k-2" }));
    }

    [Theory]
    [InlineData("", "no ':'")]
    [InlineData("nocolon", "no ':'")]
    [InlineData(":6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=", "name is empty")]
    [InlineData("k:", "32 bytes")]
    [InlineData("k:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShg==", "32 bytes")]
    [InlineData("k:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDS!jY=", "32 bytes")]
    public void RefusesWhatIsNoPublicKey(string text, string reason)
    {
        var error = Assert.Throws<NixStoreException>(() => NixPublicKey.Parse(text));
        Assert.Equal("InvalidPublicKey", error.ErrorId);
        Assert.Contains(reason, error.Message);
        Assert.NotNull(error.Remedy);
        Assert.False(NixPublicKey.TryParse(text, out _));
    }

    [Fact]
    public void PublicKeysRoundTrip()
    {
        const string text = "cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=";
        var key = NixPublicKey.Parse(text + "\n");
        Assert.Equal(text, key.ToString());
        Assert.Equal("cache.nixos.org-1", key.Name);
        Assert.Equal(NixPublicKey.CacheNixosOrg, key);
    }

    [Fact]
    public void NeverShowsASecret()
    {
        using var directory = new TemporaryDirectory();
        using var key = NixSecretKey.Generate("k-1");
        key.Save(directory / "k");
        var secret = File.ReadAllText(directory / "k");
        var half = secret.Split(':')[1][..20];
        Assert.DoesNotContain(half, key.ToString());

        // The whole secret where a public key is wanted, and secrets that are damaged.
        Assert.DoesNotContain(half, Assert.Throws<NixStoreException>(() => NixPublicKey.Parse(secret)).ToString());
        Assert.DoesNotContain(half, Assert.Throws<NixStoreException>(() => NixSecretKey.Parse(secret[..^4])).ToString());
        File.WriteAllText(directory / "bad", secret[..^4]);
        var error = Assert.Throws<NixStoreException>(() => NixSecretKey.Load(directory / "bad"));
        Assert.Equal("InvalidSecretKey", error.ErrorId);
        Assert.Equal(directory / "bad", error.Target);
        Assert.DoesNotContain(half, error.ToString());
    }

    [Fact]
    public void RefusesASecretWithAForeignPublicHalf()
    {
        using var directory = new TemporaryDirectory();
        using var one = NixSecretKey.Generate("k-1");
        using var two = NixSecretKey.Generate("k-1");
        one.Save(directory / "one");
        var bytes = Convert.FromBase64String(File.ReadAllText(directory / "one").Split(':')[1]);
        Convert.FromBase64String(two.PublicKey.Base64).CopyTo(bytes, 32);
        var error = Assert.Throws<NixStoreException>(() => NixSecretKey.Parse($"k-1:{Convert.ToBase64String(bytes)}"));
        Assert.Equal("InvalidSecretKey", error.ErrorId);
        Assert.Contains("public half", error.Message);
    }

    [Fact]
    public void SavesForTheOwnerOnlyAndNeverOverwrites()
    {
        using var directory = new TemporaryDirectory();
        using var key = NixSecretKey.Generate("k-1");
        key.Save(directory / "k");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(directory / "k").UnixFileMode);
        using var loaded = NixSecretKey.Load(directory / "k");
        Assert.Equal(key.PublicKey, loaded.PublicKey);
        Assert.Equal("SecretKeyNotWritten", Assert.Throws<NixStoreException>(() => key.Save(directory / "k")).ErrorId);
    }

    [Fact]
    public void NamesAMissingKeyFile()
    {
        var error = Assert.Throws<NixStoreException>(() => NixSecretKey.Load("/nonexistent/key"));
        Assert.Equal(("SecretKeyNotFound", StoreErrorKind.NotFound, "/nonexistent/key"), (error.ErrorId, error.Kind, error.Target));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a:b")]
    [InlineData("a b")]
    [InlineData("a\n")]
    public void RefusesNamesThatCannotBeWritten(string name)
        => Assert.Equal("InvalidKeyName", Assert.Throws<NixStoreException>(() => NixSecretKey.Generate(name)).ErrorId);

    [Fact]
    public void OneKeyServesManyThreads()
    {
        using var key = NixSecretKey.Generate("k-1");
        Parallel.For(0, 500, i =>
        {
            var message = BitConverter.GetBytes(i);
            Assert.True(key.PublicKey.Verify(message, key.Sign(message)));
        });
    }
}
