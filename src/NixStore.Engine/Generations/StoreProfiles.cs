using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Generations;

/// <summary>
/// Finds the profiles of a store: below STATE/profiles, in the state directories of all users whose homes can be read, and where indirect
/// roots name a generation (gcroots/auto). Of a store below a root, only what is below that root.
/// </summary>
public sealed class StoreProfiles
{
    private const int MaximumDepth = 8;
    private readonly StoreLocation _store;
    private readonly MachineRoot _machine;
    private readonly UserAccounts _users;
    private readonly RunningSystem _system;

    /// <param name="store">The store.</param>
    public StoreProfiles(StoreLocation store)
    {
        _store = store;
        _machine = MachineRoot.Of(store);
        _users = new UserAccounts(_machine);
        _system = RunningSystem.Of(_machine);
    }

    /// <summary>All profiles that have a generation in this store, by their paths.</summary>
    /// <exception cref="OperationCanceledException"/>
    public IReadOnlyList<StoreProfile> Find(CancellationToken cancellation)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        AddBelow($"{_store.StateDirectory}/profiles", MaximumDepth, found, cancellation);
        AddRegistered(found, cancellation);
        if (_machine.HasUsers)
        {
            foreach (var directory in UserDirectories())
            {
                AddBelow(directory, 0, found, cancellation);
            }
        }

        return [.. found.Select(Make).Where(profile => profile.TryReadGenerations().Any(generation => generation.Path is not null))];
    }

    /// <summary>The profile with a link of its own.</summary>
    /// <param name="path">The link as it is called on this machine.</param>
    /// <exception cref="NixStoreException">ProfileNotFound</exception>
    public StoreProfile At(string path)
    {
        var full = Path.GetFullPath(path);
        if (_machine.Prefix.Length > 0 && !full.StartsWith(_machine.Prefix + "/", StringComparison.Ordinal))
        {
            throw new NixStoreException("ProfileNotFound", StoreErrorKind.NotFound, $"The profile '{path}' is not below the root of the store {_store.Url}.", path,
                $"Give a path below {_machine.Prefix}, or the store that the profile belongs to (-Store).");
        }

        var profile = Make(full);
        return profile.Exists ? profile : throw new NixStoreException("ProfileNotFound", StoreErrorKind.NotFound,
            $"'{path}' is no profile: there is neither such a link nor a generation of it.", path, "Get-StoreGeneration lists the profiles of a store.");
    }

    private StoreProfile Make(string path) => new(_store, _machine, _users, _system, path);

    private IEnumerable<string> UserDirectories()
    {
        var own = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
        return _users.Homes.Select(home => $"{_machine.Prefix}{home}/.local/state/nix/profiles")
            .Concat(_machine.Prefix.Length == 0 && own is ['/', ..] ? [$"{own.TrimEnd('/')}/nix/profiles"] : []);
    }

    /// <summary>Looks for generations in a directory; one that is not there or not ours to read has none.</summary>
    private void AddBelow(string path, int depth, SortedSet<string> found, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var directory = _machine.TryLookInto(path, out _);
        if (directory is null)
        {
            return;
        }

        using var entries = new DirectoryEntries(directory);
        while (entries.MoveNext())
        {
            if (GenerationName.TryParse(entries.Name, out var profile, out _))
            {
                found.Add($"{path}/{profile}");
            }
            else if (depth > 0 && GenerationName.TryDecode(entries.Name, out var name)
                && Posix.TryStatusAt(directory, entries.Name, out var status, out _) && status.Type == FileType.Directory)
            {
                AddBelow($"{path}/{name}", depth - 1, found, cancellation);
            }
        }
    }

    private void AddRegistered(SortedSet<string> found, CancellationToken cancellation)
    {
        using var directory = _machine.TryLookInto($"{_store.StateDirectory}/gcroots/auto", out _);
        if (directory is null)
        {
            return;
        }

        using var entries = new DirectoryEntries(directory);
        while (entries.MoveNext())
        {
            cancellation.ThrowIfCancellationRequested();
            if (Posix.TryStatusAt(directory, entries.Name, out var status, out _) && status.Type == FileType.SymbolicLink
                && GenerationName.TryDecode(Posix.ReadLinkAt(directory, entries.Name), out var target) && target.StartsWith('/')
                && GenerationName.TryParse(Path.GetFileName(target), out var profile, out _))
            {
                found.Add($"{_machine.Prefix}{Path.GetDirectoryName(Path.GetFullPath(target))!.TrimEnd('/')}/{profile}");
            }
        }
    }
}
