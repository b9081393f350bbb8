using System.Text;
using System.Text.RegularExpressions;
using NixStore.Catalog.Pruning.Classes;
using NixStore.Catalog.Pruning.Plans;
using NixStore.Catalog.Tests.Graph;

namespace NixStore.Catalog.Tests.Pruning;

/// <summary>A cache of chance and something to be pruned from it, given by a seed, and what has to come of it by the plainest means.</summary>
internal sealed class RandomPrune
{
    private const string Sha256 = "sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73";
    private readonly Random _random;
    private readonly PruneLab _lab;

    internal RandomPrune(int seed, PruneLab lab)
    {
        (_random, _lab) = (new Random(seed), lab);
        MakePaths(_random.Next(2, 80));
        MakeSideObjects();
        MakeRoots();
        if (_random.Next(8) == 0)
        {
            lab.Objects.Clear();
        }

        Request = MakeRequest();
    }

    internal PruneRequest Request { get; }

    /// <summary>True with the given chance in a hundred.</summary>
    private bool Chance(int percent) => _random.Next(100) < percent;

    private T OneOf<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    private void MakePaths(int count)
    {
        string[] names = ["package-{0}", "library-{0}", "nixos-minimal-{0}.iso", "nixos-sd-{0}.img", "nixos-amazon-image-{0}", "unit-{0}.service", "nixos-system-{0}", "nix-{0}", "bootstrap-tools", "source-{0}"];
        var hashes = Enumerable.Range(0, count).Select(_ => RandomNarinfos.RandomHash(_random)).ToList();
        for (var i = 0; i < count; i++)
        {
            var path = new LabPath(hashes[i], string.Format(System.Globalization.CultureInfo.InvariantCulture, OneOf(names), _random.Next(30)))
            {
                References = [.. Enumerable.Range(0, _random.Next(4)).Select(_ => Chance(5) ? RandomNarinfos.RandomHash(_random) : OneOf(hashes)).Distinct()],
                Deriver = Chance(70) ? $"{hashes[i / 2]}-{i / 2}.drv" : null,
                Ca = Chance(10) ? (Chance(50) ? "fixed:r:" : "text:") + Sha256 : null,
                Time = Chance(3) ? null : RandomTime(),
                Size = 1L << _random.Next(4, 34),
            };
            if (i > 0 && Chance(15))
            {
                path = path with { Url = OneOf(_lab.Paths).Url };
            }
            else if (Chance(4))
            {
                // What a server may decode, and what is no NAR at all.
                path = path with { Url = OneOf([path.Url.Replace("nar/", "nar/%6e", StringComparison.Ordinal), OneOf(_lab.Paths.Select(other => other.Url).DefaultIfEmpty("nar/x").ToList()) + "?x=1", "log/x.drv", "nix-cache-info", OneOf(hashes) + ".narinfo", "sub/dir.nar"]) };
            }

            _lab.Add(path);
        }

        foreach (var item in _lab.Objects.ToList())
        {
            if (Chance(4))
            {
                _lab.Objects.Remove(item);
            }
            else if (Chance(8))
            {
                _lab.Objects[_lab.Objects.IndexOf(item)] = item with { Time = Chance(10) ? null : RandomTime() };
            }
        }
    }

    private DateTimeOffset RandomTime() => PruneLab.Now.AddHours(-(Chance(15) ? _random.Next(1, 24 * 30) : _random.Next(24 * 20, 24 * 700)));

    private void MakeSideObjects()
    {
        foreach (var path in _lab.Paths)
        {
            Some(40, $"{path.Hash}.ls");
            Some(5, $"{path.Hash}.ls.xz");
            Some(40, $"log/{path.Deriver}");
            Link(15, $"debuginfo/{path.Hash}", null, path.Url);
            Link(15, $"realisations/sha256:{path.Hash}!out.doi", path.Hash, null);
            Link(15, $"build-trace-v2/{path.Hash}.drv/out.doi", path.Hash, null);
        }

        Some(100, "nix-cache-info");
        for (var i = 0; i < 5; i++)
        {
            Some(50, $"nar/lost{i}.nar");
            Some(30, $"log/{RandomNarinfos.RandomHash(_random)}-lost.drv");
            Some(30, $"{RandomNarinfos.RandomHash(_random)}.ls");
            Some(20, $"strange/{i}");
        }

        if (Chance(20))
        {
            var key = RandomNarinfos.RandomHash(_random) + ".narinfo";
            _lab.AddObject(key);
            _lab.Findings.Add((key, "tag-" + key));
        }
    }

    private void Some(int percent, string key)
    {
        if (Chance(percent) && _lab.Objects.TrueForAll(item => item.Key != key))
        {
            _lab.AddObject(key, RandomTime());
        }
    }

    private void Link(int percent, string key, string? hash, string? url)
    {
        if (Chance(percent))
        {
            _lab.AddObject(key, RandomTime());
            if (Chance(85))
            {
                _lab.Links.Add((key, Chance(90) ? "tag-" + key : "other", Chance(95) ? hash : null, Chance(95) ? url : null));
            }
        }
    }

    private void MakeRoots()
    {
        for (var i = _random.Next(4); i > 0; i--)
        {
            _lab.Roots.Add((Chance(90) ? OneOf(_lab.Paths).Hash : RandomNarinfos.RandomHash(_random), null, Chance(20) ? PruneLab.Now.AddDays(_random.Next(-10, 10)) : null));
        }

        if (Chance(15))
        {
            _lab.Roots.Add((null, 86400L * _random.Next(1, 100), null));
        }

        _lab.Roots.RemoveAll(root => root.Hash is { } hash && _lab.Roots.Count(other => other.Hash == hash) > 1);
    }

    private PruneRequest MakeRequest()
    {
        var rooted = RootHashes().Count > 0;
        var request = new PruneRequest
        {
            Unreachable = rooted && Chance(40),
            Names = Chance(30) ? OneOf<string[]>([["package-*"], ["*"], ["nixos-*", "unit-?.service"], ["*-[0-4]*"], ["nix-`[x*", "l?brary-*"]]) : [],
            Classes = Chance(30) ? OneOf<string[]>([["Iso"], ["Iso", "SdImage", "AmazonImage"], ["Glue"], ["Glue", "Iso"], ["NixRelease"]]) : [],
            Before = Chance(30) ? RandomTime() : null,
            HashParts = Chance(30) ? _lab.Paths.Where(_ => Chance(60)).Select(path => path.Hash).Append(RandomNarinfos.RandomHash(_random)).ToHashSet(StringComparer.Ordinal) : null,
            OrphanKeys = Chance(20) ? _lab.Objects.Where(_ => Chance(30)).Select(item => item.Key).Append("nar/nowhere").ToHashSet(StringComparer.Ordinal) : new HashSet<string>(),
            MinimumAge = TimeSpan.FromDays(OneOf([0, 1, 30, 30, 90])),
            IncludeFixedOutput = Chance(40),
            KeepRoots = rooted && Chance(75),
            AllowDangling = Chance(35),
            KnownClasses = Chance(85) ? PruneClasses.Default : [.. PruneClasses.Default.Where(item => !item.IsProtected)],
        };
        request = request.Classes.Contains("NixRelease") && request.KnownClasses.Count < PruneClasses.Default.Count ? request with { Classes = [] } : request;
        return request.Unreachable || request.Names.Count > 0 || request.Classes.Count > 0 || request.Before is not null || request.HashParts is not null ? request : request with { Names = ["*"] };
    }

    /// <summary>The hash parts that have to go.</summary>
    internal HashSet<string> Expected()
    {
        var gone = _lab.Paths.Where(path => IsCandidate(path) && !StaysByItself(path)).Select(path => path.Hash).ToHashSet(StringComparer.Ordinal);
        if (!Request.AllowDangling)
        {
            gone.ExceptWith(Reach(_lab.Paths.Select(path => path.Hash).Where(hash => !gone.Contains(hash))));
        }

        return gone;
    }

    private bool IsCandidate(LabPath path)
    {
        var classes = PruneClasses.Named(Request.KnownClasses, Request.Classes);
        return Request.HashParts?.Contains(path.Hash) != false
            && (Request.Names.Count == 0 || Request.Names.Any(pattern => IsMatch(path.Name, pattern)))
            && (classes.Count == 0 || classes.Any(item => item.Patterns.Any(pattern => IsMatch(path.Name, pattern))))
            && (Request.Before is not { } before || path.Time < before)
            && (!Request.Unreachable || !Reachable.Contains(path.Hash));
    }

    private bool StaysByItself(LabPath path)
    {
        var classes = PruneClasses.Named(Request.KnownClasses, Request.Classes);
        var nar = _lab.Objects.Find(item => item.Key == path.Url && IsNar(item.Key));
        return (Request.MinimumAge > TimeSpan.Zero && (!IsOld(path.Time, Request.MinimumAge) || (nar is not null && !IsOld(nar.Time, Request.MinimumAge))))
            || (classes.Count > 0 && !classes.Any(item => item.Patterns.Any(pattern => IsMatch(path.Name, pattern)) && (item.MinimumAge is not { } age || IsOld(path.Time, age))))
            || (!Request.IncludeFixedOutput && path.Ca is not null)
            || (Request.KeepRoots && Reachable.Contains(path.Hash))
            || Request.KnownClasses.Any(item => item.IsProtected && item.Patterns.Any(pattern => IsMatch(path.Name, pattern)));
    }

    private HashSet<string> Reachable => field ??= Reach(RootHashes());

    private List<string> RootHashes()
    {
        var living = _lab.Roots.Where(root => root.Expires is not { } end || end > PruneLab.Now).ToList();
        var age = living.Max(root => root.MaximumAge);
        return [.. _lab.Paths.Where(path => living.Exists(root => root.Hash == path.Hash) || (age is { } seconds && (path.Time is not { } time || time >= PruneLab.Now.AddSeconds(-seconds)))).Select(path => path.Hash)];
    }

    private HashSet<string> Reach(IEnumerable<string> from)
    {
        var references = _lab.Paths.ToDictionary(path => path.Hash, path => path.References, StringComparer.Ordinal);
        var pending = new Queue<string>(from);
        var reached = new HashSet<string>(StringComparer.Ordinal);
        while (pending.TryDequeue(out var hash))
        {
            if (references.TryGetValue(hash, out var more) && reached.Add(hash))
            {
                more.ToList().ForEach(pending.Enqueue);
            }
        }

        return reached;
    }

    private static bool IsOld(DateTimeOffset? time, TimeSpan age) => time is { } known && known <= PruneLab.Now - age;

    private static bool IsNar(string key) => !Regex.IsMatch(key, "[%?#]|^(log|debuginfo|realisations|build-trace-v2)/|\\.narinfo$|^nix-cache-info$");

    private static bool IsMatch(string name, string pattern)
    {
        var text = new StringBuilder("^");
        for (var i = 0; i < pattern.Length; i++)
        {
            text.Append(pattern[i] switch
            {
                '*' => ".*",
                '?' => ".",
                '[' => pattern[i..(i = pattern.IndexOf(']', i) is var end and >= 0 ? end : i)] + "]",
                '`' => Regex.Escape(pattern[++i].ToString()),
                var other => Regex.Escape(other.ToString()),
            });
        }

        return Regex.IsMatch(name, text.Append('$').ToString());
    }
}
