using System.Text;
using NixStore.Engine.Archive;

namespace NixStore.Engine.Tests.Archive;

public sealed class ReferenceScannerTests
{
    private static readonly StorePath s_one = StorePath.Parse("0123456789abcdfghijklmnpqrsvwxyz-one");
    private static readonly StorePath s_two = StorePath.Parse("zyxwvsrqpnmlkjihgfdcba9876543210-two");
    private static readonly StorePath s_same = StorePath.Parse("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-same");

    [Fact]
    public void FindsReferencesWhereverTheStreamIsCut()
    {
        var bytes = Encoding.ASCII.GetBytes($"xx/nix/store/{s_one}\nand {s_two.HashPart[..31]}");
        for (var step = 1; step <= bytes.Length; step++)
        {
            Assert.Equal([s_one], Scan(bytes, step, s_one, s_two));
        }
    }

    [Fact]
    public void FindsThemAtBothEndsAndWithinLongRunsOfDigits()
    {
        foreach (var text in new[] { s_one.HashPart, $"0000000{s_one.HashPart}", $"{s_one.HashPart}00", $"e{s_one.HashPart}e", $"{new string('1', 100)}{s_one.HashPart}{new string('1', 100)}" })
        {
            for (var step = 1; step <= text.Length; step++)
            {
                Assert.Equal([s_one], Scan(Encoding.ASCII.GetBytes(text), step, s_one, s_same));
            }
        }
    }

    [Fact]
    public void FindsEachOnceAndSorted()
        => Assert.Equal([s_one, s_same, s_two], Scan(Encoding.ASCII.GetBytes($"{s_two}{s_one}{new string('a', 100)}{s_one}"), 1000, s_one, s_two, s_same));

    [Fact]
    public void FindsNothingAmongNothing()
    {
        Assert.Empty(Scan(Encoding.ASCII.GetBytes(s_one.BaseName), 100));
        Assert.Empty(Scan([], 100, s_one));
        Assert.Empty(Scan(new byte[1000], 100, s_one));
    }

    [Fact]
    public void AgreesWithASimpleSearch()
    {
        var random = new Random(1);
        StorePath[] paths = [s_one, s_two, s_same];
        for (var round = 0; round < 500; round++)
        {
            // Few letters, many of them digits of the alphabet, and parts of the wanted strings.
            var text = new StringBuilder();
            while (text.Length < 400)
            {
                var hash = paths[random.Next(3)].HashPart;
                text.Append(random.Next(4) switch
                {
                    0 => hash[random.Next(32)..],
                    1 => hash[..random.Next(33)],
                    2 => new string("ae0t"[random.Next(4)], random.Next(40)),
                    _ => random.Next(3) == 0 ? hash : "",
                });
            }

            var all = text.ToString();
            var expected = paths.Where(path => all.Contains(path.HashPart, StringComparison.Ordinal)).Order();
            Assert.Equal(expected, Scan(Encoding.ASCII.GetBytes(all), random.Next(1, 100), paths));
        }
    }

    [Fact]
    public void CanBeUsedAgain()
    {
        using var scanner = new ReferenceScanner([s_one]);
        scanner.Write(Encoding.ASCII.GetBytes(s_one.HashPart));
        scanner.Flush();
        Assert.Single(scanner.Found);
        scanner.Reset();
        scanner.Write("x"u8);
        scanner.Flush();
        Assert.Empty(scanner.Found);
    }

    private static IReadOnlyCollection<StorePath> Scan(byte[] bytes, int step, params StorePath[] candidates)
    {
        using var scanner = new ReferenceScanner(candidates);
        for (var at = 0; at < bytes.Length; at += step)
        {
            scanner.Write(bytes.AsSpan(at, Math.Min(step, bytes.Length - at)));
            scanner.Flush();
        }

        return scanner.Found;
    }
}
