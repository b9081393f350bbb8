using System.Security.Cryptography;
using System.Text;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Collection;

/// <summary>Makes a copy of a lab store unlike any other: other roots of all sorts, leftovers, links, and settings.</summary>
internal sealed class RandomStore
{
    private readonly Random _random;
    private readonly StoreUnderTest _store;
    private readonly List<string> _paths;

    private RandomStore(Random random, StoreUnderTest store)
    {
        (_random, _store) = (random, store);
        _paths = [.. Directory.EnumerateFileSystemEntries(store.Location.RealDirectory).Select(entry => Path.GetFileName(entry)).Where(name => name[0] != '.').Order(StringComparer.Ordinal)];
    }

    /// <summary>Whether derivations keep their outputs, and outputs their derivations.</summary>
    internal (bool KeepOutputs, bool KeepDerivations) Settings { get; private set; }

    /// <summary>Changes a copy; the same seed makes the same changes.</summary>
    internal static RandomStore Change(StoreUnderTest store, int seed)
    {
        var changed = new RandomStore(new Random(seed), store);
        changed.Settings = (changed.Chance(0.5), changed.Chance(0.5));
        changed.RemoveRoots();
        changed.AddRoots();
        changed.AddLeftovers();
        if (changed.Chance(0.5))
        {
            Assert.Equal(0, PhysicalNix.Store(store.Root, "--optimise").ExitCode);
        }

        return changed;
    }

    private string State => _store.Location.StateDirectory;

    private bool Chance(double probability) => _random.NextDouble() < probability;

    private string Any() => _paths[_random.Next(_paths.Count)];

    private void RemoveRoots()
    {
        var keep = _random.NextDouble();
        foreach (var root in Command.Run("find", $"{State}/gcroots", $"{State}/profiles", "(", "-type", "l", "-o", "-type", "f", ")").Split('\n').Order(StringComparer.Ordinal))
        {
            if (!Chance(keep))
            {
                File.Delete(root);
            }
        }
    }

    private void AddRoots()
    {
        var links = Directory.CreateDirectory($"{_store.Root}/nix/links").FullName;
        var auto = Directory.CreateDirectory($"{State}/gcroots/auto").FullName;
        var deep = Directory.CreateDirectory($"{State}/gcroots/a/b c").FullName;
        for (var i = _random.Next(8); i > 0; i--)
        {
            switch (_random.Next(7))
            {
                case 0:
                    Link($"{State}/gcroots/direct{i}", $"/nix/store/{Any()}");
                    break;
                case 1:
                    Link($"{deep}/inside{i}", $"/nix/store/{Any()}/some/file");
                    break;
                case 2:
                    Link($"{links}/{i}", $"/nix/store/{Any()}");
                    Link($"{auto}/{Nix32.Encode(SHA1.HashData(Encoding.UTF8.GetBytes($"/nix/links/{i}")))}", $"/nix/links/{i}");
                    break;
                case 3:
                    Link($"{State}/gcroots/{Any()}", null);
                    break;
                case 4:
                    Link($"{State}/gcroots/invalid{i}", $"/nix/store/{new string('a', 32)}-nothing");
                    break;
                case 5:
                    Link($"{links}/second{i}", $"/nix/links/third{i}");
                    Link($"{links}/third{i}", $"/nix/store/{Any()}");
                    Link($"{auto}/second{i}", $"/nix/links/second{i}");
                    break;
                default:
                    Link($"{State}/profiles/p{i}-1-link", $"/nix/store/{Any()}");
                    Link($"{State}/profiles/p{i}", $"p{i}-1-link");
                    break;
            }
        }
    }

    private void AddLeftovers()
    {
        for (var i = _random.Next(4); i > 0; i--)
        {
            var hash = Nix32.Encode(SHA1.HashData(BitConverter.GetBytes(_random.Next())));
            switch (_random.Next(4))
            {
                case 0:
                    File.WriteAllText($"{Directory.CreateDirectory($"{_store.Location.RealDirectory}/{hash}-orphan").FullName}/file", "x");
                    break;
                case 1:
                    File.WriteAllText($"{_store.Location.RealDirectory}/{Any()}.lock", "");
                    break;
                case 2:
                    Directory.CreateDirectory($"{_store.Location.RealDirectory}/{hash}-gone.drv.chroot/root/nix");
                    break;
                default:
                    Directory.CreateDirectory($"{_store.Location.RealDirectory}/tmp-{_random.Next(100_000, 1_000_000)}-0/x");
                    break;
            }
        }
    }

    /// <summary>Makes a link, or an empty file when there is no target; what is there already stays.</summary>
    private static void Link(string name, string? target)
    {
        if (File.Exists(name) || new FileInfo(name).LinkTarget is not null)
        {
            return;
        }

        if (target is null)
        {
            File.WriteAllText(name, "");
        }
        else
        {
            File.CreateSymbolicLink(name, target);
        }
    }
}
