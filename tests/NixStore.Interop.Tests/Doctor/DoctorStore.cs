using NixStore.Engine.Stores;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Doctor;

/// <summary>A lab store that is damaged and healed, with what is true of it.</summary>
internal sealed class DoctorStore : IDisposable
{
    private readonly bool _optimised;

    private DoctorStore(StoreUnderTest files, bool optimised, IReadOnlyList<string> cases)
    {
        (Files, _optimised, Cases) = (files, optimised, cases);
        EntriesBefore = Entries();
    }

    /// <summary>The store as it is now.</summary>
    internal StoreUnderTest Files { get; }

    /// <summary>Where it is.</summary>
    internal StoreLocation Location => Files.Location;

    /// <summary>The damage that was done to it, in order.</summary>
    internal IReadOnlyList<string> Cases { get; }

    /// <summary>What it was before.</summary>
    internal StoreTruth Truth => StoreTruth.Of(_optimised);

    /// <summary>What the store directory had before it was healed.</summary>
    internal IReadOnlySet<string> EntriesBefore { get; private set; }

    /// <summary>Makes one that is whole.</summary>
    internal static DoctorStore MakeWhole(bool optimised) => new(new StoreUnderTest(optimised), optimised, []);

    /// <summary>Makes one and damages it; each kind of damage must be possible. Skips where the file system does not allow it.</summary>
    internal static DoctorStore MakeDamaged(params IReadOnlyList<string> cases)
        => TryMakeDamaged(cases, out var error) ?? throw new InvalidOperationException($"{string.Join(", ", cases)}: {error}");

    /// <summary>As the other; null when the damage that is done first leaves nothing for a later one to do.</summary>
    internal static DoctorStore? TryMakeDamaged(IReadOnlyList<string> cases, out string error)
    {
        var optimised = cases.Any(damage => damage.StartsWith('i'));
        var files = new StoreUnderTest(optimised);
        try
        {
            Skip.If(cases.Any(damage => damage is ['e', '4', ..] or ['j', '7', ..]) && !files.HasImmutableFlag(),
                "NO IMMUTABLE FLAG: the file system of TMPDIR has none; use ext4, XFS or Btrfs");
            foreach (var damage in cases)
            {
                var before = Fingerprint(files);
                var applied = files.TryDamage(damage);
                error = applied.ExitCode != 0 ? applied.Error : before == Fingerprint(files) ? $"{damage} changed nothing" : "";
                if (error.Length > 0)
                {
                    files.Dispose();
                    return null;
                }
            }

            error = "";
            return new DoctorStore(files, optimised, cases);
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>Another one with the same files and damage; what is immutable there is not here.</summary>
    internal DoctorStore Copy() => new(StoreUnderTest.CopyOf(Files), _optimised, Cases);

    /// <summary>The cache that has all that this store had.</summary>
    internal SignedCache CacheIn(Lab lab) => lab.CacheOf(_optimised);

    /// <summary>The command line that heals it from a cache, as users give it.</summary>
    internal string[] HealingFrom(SignedCache cache, params IEnumerable<string> more)
        => [RescueProgram.Path, "doctor", "--store", Files.Root, "--source", cache.Url, "--trusted-public-key", SignedCache.PublicKey, "--yes", "--json", .. more];

    /// <summary>Heals it from a cache.</summary>
    internal DoctorResult Heal(SignedCache cache, params IEnumerable<string> more)
    {
        EntriesBefore = Entries();
        return new DoctorResult(RescueProgram.Run(HealingFrom(cache, more)));
    }

    /// <summary>Heals it with nothing but itself and a Nix that builds, where it is physically at /nix/store.</summary>
    internal DoctorResult HealWithoutSource()
    {
        EntriesBefore = Entries();
        using var programs = new TemporaryDirectory();
        File.CreateSymbolicLink(programs["nix-store"], PhysicalNix.Program("nix234-store"));
        var environment = PhysicalNix.Environment(Files.Root);
        environment["IN_STORE_ALONE"] = "1";
        environment["DOTNET_EnableDiagnostics"] = "0";
        environment["PATH"] = $"{programs.Path}:{Environment.GetEnvironmentVariable("PATH")}";
        return new DoctorResult(Command.Try(environment, $"{SourceTree.Interop}/in-store.sh",
        [
            Files.Root, RescueProgram.Path, "doctor", "--store", "local", "--source", "file:///nonexistent", "--trusted-public-key", SignedCache.PublicKey,
            "--rebuild", "--yes", "--json",
        ]));
    }

    /// <summary>Names in the store directory.</summary>
    internal IReadOnlySet<string> Entries()
        => Directory.EnumerateFileSystemEntries(Location.RealDirectory).Select(entry => Path.GetFileName(entry)).ToHashSet(StringComparer.Ordinal);

    /// <summary>A hash of everything that Nix keeps of the store, but not of the times of directories that come and go with locks and logs.</summary>
    internal string Fingerprint() => Fingerprint(Files);

    /// <inheritdoc/>
    public void Dispose() => Files.Dispose();

    private static string Fingerprint(StoreUnderTest files)
    {
        var state = files.Location.StateDirectory;
        var database = files.Location.DatabasePath;
        return StoreContents.HashBelow(files.Location.RealDirectory)
            + StoreContents.Hash(database, $"{database}-wal", files.Location.SchemaPath, $"{state}/gcroots", $"{state}/temproots", $"{state}/gc-socket");
    }
}
