using System.Globalization;
using System.Text;
using NixStore.Engine.Generations;
using NixStore.Engine.Locks;
using NixStore.Engine.Native;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Generations;

/// <summary>What goes and what stays is what real Nix decides, on profiles of many shapes; and what is done to a profile, Nix understands.</summary>
public sealed class GenerationTests : IDisposable
{
    private const int Configurations = 240;
    private readonly LabStore _store = LabStore.Signed();
    private readonly DateTimeOffset _now = DateTimeOffset.UtcNow;

    private string Profiles => $"{_store.Location.StateDirectory}/profiles";

    [SkippableFact]
    public void Every_specification_of_nix_env_removes_the_same()
    {
        var random = new Random(20261126);
        var nix = Fabricate(random, "nix");
        Command.Run("cp", "-a", $"{Profiles}/nix", $"{Profiles}/ours");
        var script = new StringBuilder();
        var expected = new List<(string Name, string[] Words)>();
        foreach (var (name, numbers, current) in nix)
        {
            var words = RandomSpecification(random, numbers, current);
            expected.Add((name, words));
            script.Append(CultureInfo.InvariantCulture,
                $"{PhysicalNix.Program("nix234-env")} -p /nix/var/nix/profiles/nix/{name} --delete-generations {string.Join(' ', words)} 2>&1 || echo FAILED {name}\n");
        }

        Assert.DoesNotContain("FAILED", RunInStore(script.ToString()), StringComparison.Ordinal);

        foreach (var (name, words) in expected)
        {
            var profile = new StoreProfiles(_store.Location).At($"{Profiles}/ours/{name}");
            var selection = GenerationSpecification.Parse(words, _now);
            GenerationRemover.Remove(profile, selection, profile.ReadGenerations(), TimeSpan.Zero, _ => { }, error => Assert.Fail(error.Message), CancellationToken.None);
            Assert.True(LinksOf("nix", name).SequenceEqual(LinksOf("ours", name)),
                $"{name} {string.Join(' ', words)}\nnix:  {string.Join(' ', LinksOf("nix", name))}\nours: {string.Join(' ', LinksOf("ours", name))}");
        }

        Assert.Equal(Directory.EnumerateFileSystemEntries($"{Profiles}/nix").Select(Path.GetFileName).Order(StringComparer.Ordinal),
            Directory.EnumerateFileSystemEntries($"{Profiles}/ours").Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(14)]
    [InlineData(30)]
    public void Collecting_what_is_older_removes_the_same_of_all_profiles(int days)
    {
        Fabricate(new Random(days), "fab");
        var output = RunInStore(string.Create(CultureInfo.InvariantCulture,
            $"{PhysicalNix.Program("nix234-collect-garbage")} --delete-older-than {days}d --dry-run 2>&1"));
        var nix = new SortedSet<string>(StringComparer.Ordinal);
        var profile = "";
        foreach (var line in output.Split('\n'))
        {
            const string profileLine = "removing old generations of profile ";
            const string versionLine = "would remove profile version ";
            profile = line.StartsWith(profileLine, StringComparison.Ordinal) ? line[profileLine.Length..].Trim('"', '\'') : profile;
            if (line.StartsWith(versionLine, StringComparison.Ordinal))
            {
                nix.Add($"{profile} {line[versionLine.Length..]}");
            }
        }

        var rules = new RetentionRules { OlderThan = StoreAge.Parse($"{days}d").CutOff(_now) };
        var ours = new StoreProfiles(_store.Location).Find(CancellationToken.None)
            .SelectMany(found => rules.Choose(found.Path, found.ReadGenerations()).Removable)
            .Select(generation => $"{generation.Profile[_store.Root.Length..]} {generation.Number}");

        Assert.True(nix.Count > 100, output);
        Assert.Equal(nix, ours.Order(StringComparer.Ordinal));
    }

    [SkippableFact]
    public void Nix_lists_the_same_generations_and_goes_where_we_switch()
    {
        var profile = new StoreProfiles(_store.Location).At($"{Profiles}/lab");
        var list = $"{PhysicalNix.Program("nix234-env")} -p /nix/var/nix/profiles/lab --list-generations";
        using (var database = Engine.Database.StoreDatabase.OpenForReading(_store.Location))
        {
            foreach (long? number in new long?[] { 1, 3, null })
            {
                GenerationSwitcher.Switch(profile, GenerationSwitcher.Find(profile, number), database, TimeSpan.Zero, CancellationToken.None);
                var lines = RunInStore(list).Split('\n').Select(line => line.TrimEnd());
                Assert.Equal(profile.ReadGenerations().Select(generation => string.Create(CultureInfo.InvariantCulture,
                    $"{generation.Number,4}   {generation.CreationTime.LocalDateTime:yyyy-MM-dd HH:mm:ss}   {(generation.IsCurrent ? "(current)" : "")}").TrimEnd()), lines);
            }
        }

        Assert.Equal("lab-2-link", new FileInfo(profile.Path).LinkTarget);
        RunInStore($"{PhysicalNix.Program("nix234-env")} -p /nix/var/nix/profiles/lab --rollback");
        Assert.True(profile.ReadGenerations()[0].IsCurrent);
    }

    [SkippableFact]
    public void Nix_waits_for_our_lock()
    {
        using var directory = Posix.Open(Profiles, OpenFlags.ReadOnly | OpenFlags.Directory);
        var held = PathLock.Acquire(directory, "lab", TimeSpan.Zero, CancellationToken.None, "this test");
        using var nix = Command.Start(
            $"{SourceTree.Interop}/in-store.sh",
            [_store.Root, PhysicalNix.Program("nix234-env"), "-p", "/nix/var/nix/profiles/lab", "--delete-generations", "1"], PhysicalNix.Environment(_store.Root));
        var said = nix.StandardError.ReadLine();
        while (said?.Contains("waiting for lock", StringComparison.Ordinal) == false)
        {
            said = nix.StandardError.ReadLine();
        }

        Assert.NotNull(said);
        Assert.False(nix.HasExited);
        Assert.NotNull(new FileInfo($"{Profiles}/lab-1-link").LinkTarget);
        held.Dispose();
        var result = Command.Finish(nix);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Null(new FileInfo($"{Profiles}/lab-1-link").LinkTarget);
    }

    public void Dispose() => _store.Dispose();

    /// <summary>Profiles with 1 to 20 generations, gaps between numbers, times that rise, and the current one anywhere.</summary>
    private List<(string Name, int[] Numbers, int Current)> Fabricate(Random random, string folder)
    {
        var directory = Directory.CreateDirectory($"{Profiles}/{folder}").FullName;
        var path = new FileInfo($"{Profiles}/lab-1-link").LinkTarget!;
        var made = new List<(string, int[], int)>();
        for (var i = 0; i < Configurations; i++)
        {
            var name = $"p{i}";
            var numbers = Enumerable.Range(1, 30).OrderBy(_ => random.Next()).Take(random.Next(1, 20)).Order().ToArray();
            var current = random.Next(3) > 0 ? numbers[random.Next(numbers.Length)] : numbers[^1];

            // At half days, so that nothing depends on the seconds between Nix's clock and ours.
            var ages = numbers.Select(_ => random.Next(60)).OrderDescending().ToArray();
            for (var index = 0; index < numbers.Length; index++)
            {
                var link = $"{directory}/{GenerationName.Of(name, numbers[index])}";
                File.CreateSymbolicLink(link, path);
                Posix.SetModificationTimeAt(FileDescriptor.WorkingDirectory, ByteName.From(link), _now.AddDays(-ages[index] - 0.5).ToUnixTimeSeconds());
            }

            File.CreateSymbolicLink($"{directory}/{name}", GenerationName.Of(name, current));
            made.Add((name, numbers, current));
        }

        return made;
    }

    private static string[] RandomSpecification(Random random, int[] numbers, int current) => random.Next(4) switch
    {
        0 => ["old"],
        1 => [string.Create(CultureInfo.InvariantCulture, $"{random.Next(1, 65)}d")],
        2 => [string.Create(CultureInfo.InvariantCulture, $"+{random.Next(1, 12)}")],
        _ => [.. Enumerable.Range(1, 32).Where(number => number != current && (random.Next(3) == 0 || number == numbers[0])).Append(99)
            .Select(number => number.ToString(CultureInfo.InvariantCulture))],
    };

    private string[] LinksOf(string folder, string name)
        => [.. Directory.EnumerateFileSystemEntries($"{Profiles}/{folder}", $"{name}-*").Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal)];

    private string RunInStore(string script)
    {
        // Hundreds of commands are more than one argument can hold.
        var file = $"{_store.Root}/script.sh";
        File.WriteAllText(file, script);
        var result = Command.Try(PhysicalNix.Environment(_store.Root), $"{SourceTree.Interop}/in-store.sh", [_store.Root, "/bin/bash", file]);
        Assert.True(result.ExitCode == 0, $"{result.Output}\n{result.Error}");
        return result.Output;
    }
}
