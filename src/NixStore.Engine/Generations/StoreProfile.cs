using NixStore.Engine.Locks;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Generations;

/// <summary>A profile: a link that points at one of the generations beside it (Nix libstore/profiles.cc).</summary>
public sealed class StoreProfile
{
    private readonly StoreLocation _store;
    private readonly MachineRoot _machine;
    private readonly UserAccounts _users;
    private readonly RunningSystem _system;

    internal StoreProfile(StoreLocation store, MachineRoot machine, UserAccounts users, RunningSystem system, string path)
    {
        _store = store;
        _machine = machine;
        _users = users;
        _system = system;
        Path = path;
        Directory = System.IO.Path.GetDirectoryName(path)!;
        Name = System.IO.Path.GetFileName(path);
        Kind = KindOf();
    }

    /// <summary>The link, as it is called on this machine.</summary>
    public string Path { get; }

    /// <summary>The last part of <see cref="Path"/>.</summary>
    public string Name { get; }

    /// <summary>What it is for.</summary>
    public StoreProfileKind Kind { get; }

    /// <summary>The directory that the link and its generations are in.</summary>
    internal string Directory { get; }

    /// <summary>True when there is a link, or a generation.</summary>
    internal bool Exists => TryReadGenerations().Count > 0 || _machine.TryReadLink(Path) is not null;

    /// <summary>Its generations by number, oldest first. Leaves no trace.</summary>
    /// <exception cref="StoreIOException"/>
    public IReadOnlyList<StoreGeneration> ReadGenerations()
    {
        using var directory = _machine.TryLookInto(Directory, out var error) ?? throw new StoreIOException("open", Directory, error);
        return Read(directory);
    }

    internal IReadOnlyList<StoreGeneration> TryReadGenerations()
    {
        try
        {
            return ReadGenerations();
        }
        catch (StoreIOException)
        {
            return [];
        }
    }

    /// <summary>Its directory, open for changes.</summary>
    /// <exception cref="StoreIOException"/>
    internal FileDescriptor Open() => _machine.OpenDirectory(Directory);

    /// <summary>Locks it against Nix and others who change it (Nix libstore/profiles.cc:lockProfile).</summary>
    /// <exception cref="NixStoreException">StoreLocked</exception>
    /// <exception cref="StoreIOException"/>
    internal PathLock Lock(FileDescriptor directory, TimeSpan timeout, CancellationToken cancellation)
        => PathLock.Acquire(directory, Name, timeout, cancellation, $"another process changes the profile {Path}");

    /// <summary>As <see cref="ReadGenerations"/>, of the open directory.</summary>
    internal IReadOnlyList<StoreGeneration> Read(FileDescriptor directory)
    {
        var current = ReadCurrent(directory);
        var generations = new List<StoreGeneration>();
        using var entries = new DirectoryEntries(directory);
        while (entries.MoveNext())
        {
            if (GenerationName.TryParse(entries.Name, out var profile, out var number) && profile == Name
                && Posix.TryStatusAt(directory, entries.Name, out var status, out _) && status.Type == FileType.SymbolicLink)
            {
                generations.Add(Describe(number, number == current, status, TryReadLink(directory, ByteName.From(ByteName.Trim(entries.Name)))));
            }
        }

        generations.Sort((one, other) => one.Number.CompareTo(other.Number));
        return generations;
    }

    private StoreGeneration Describe(long number, bool isCurrent, in FileStatus status, string? target)
    {
        var path = target is not null && _store.Directory.TryParsePrefix(target, out var storePath, out _) ? _store.Directory.Print(storePath) : null;
        var isBooted = path is not null && path == _system.Booted;
        return new StoreGeneration
        {
            Store = _store.Url,
            Profile = Path,
            ProfileName = Name,
            Kind = Kind,
            Number = number,
            Link = $"{Directory}/{GenerationName.Of(Name, number)}",
            Path = path,
            CreationTime = status.ModificationTime,
            IsCurrent = isCurrent,
            IsBooted = isBooted,
            IsInUse = isCurrent || isBooted || (path is not null && path == _system.Current),
            User = _users.NameOf(status.Owner),
        };
    }

    /// <summary>
    /// The number that the profile's link names. Nix knows only relative links; whatever directory is written there, the number must not be
    /// that of a generation which is removed.
    /// </summary>
    private long? ReadCurrent(FileDescriptor directory)
        => TryReadLink(directory, ByteName.From(Name)) is { } target && GenerationName.TryParse(System.IO.Path.GetFileName(target), out var profile, out var number)
            && profile == Name ? number : null;

    private static string? TryReadLink(FileDescriptor directory, byte[] name)
    {
        try
        {
            return GenerationName.TryDecode(Posix.ReadLinkAt(directory, name), out var target) ? target : null;
        }
        catch (StoreIOException error) when (error.ErrorNumber is Errno.NoEntry or Errno.Invalid)
        {
            return null;
        }
    }

    private StoreProfileKind KindOf()
    {
        var profiles = $"{_store.StateDirectory}/profiles";
        return Name switch
        {
            "home-manager" => StoreProfileKind.HomeManager,
            "channels" => StoreProfileKind.Channel,
            "system" when Directory == profiles => StoreProfileKind.System,
            _ when Directory == $"{profiles}/system-profiles" => StoreProfileKind.System,
            "default" when Directory == profiles => StoreProfileKind.User,
            _ when Directory.StartsWith($"{profiles}/per-user/", StringComparison.Ordinal)
                || Directory.EndsWith("/.local/state/nix/profiles", StringComparison.Ordinal) => StoreProfileKind.User,
            _ => StoreProfileKind.Other,
        };
    }
}
