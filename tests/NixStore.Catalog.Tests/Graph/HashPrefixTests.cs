using System.Numerics;
using System.Text;
using NixStore.Catalog.Graph;

namespace NixStore.Catalog.Tests.Graph;

public sealed class HashPrefixTests
{
    [Fact]
    public void Both_are_the_first_128_bits_of_the_digits()
    {
        var random = new Random(1);
        for (var round = 0; round < 1000; round++)
        {
            var hash = RandomNarinfos.RandomHash(random);
            var number = hash.Aggregate(BigInteger.Zero, (sum, digit) => (sum * 32) + Nix32.Alphabet.IndexOf(digit, StringComparison.Ordinal)) >> 32;
            var text = Encoding.ASCII.GetBytes(hash + "-name");

            Assert.True(HashPrefix.TryReadHigh(text, out var high));
            Assert.True(HashPrefix.TryReadLow(text, out var low));

            Assert.Equal(number, (new BigInteger(high) << 64) + low);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("0123456789abcdfghijklmnpqrsvwxy")]
    public void What_is_too_short_is_no_hash(string text)
    {
        Assert.False(HashPrefix.TryReadHigh(Encoding.ASCII.GetBytes(text), out _));
        Assert.False(HashPrefix.TryReadLow(Encoding.ASCII.GetBytes(text), out _));
    }

    [Fact]
    public void A_character_that_is_no_digit_is_seen_in_every_place_that_is_looked_at()
    {
        foreach (var at in Enumerable.Range(0, 26))
        {
            foreach (var bad in "eout/é"u8.ToArray())
            {
                var text = Encoding.ASCII.GetBytes(new string('1', 32));
                text[at] = bad;

                Assert.Equal(at > 12, HashPrefix.TryReadHigh(text, out _));
                Assert.Equal(at < 12, HashPrefix.TryReadLow(text, out _));
            }
        }
    }
}
