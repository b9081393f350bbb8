using NixStore.Engine.Database;
using NixStore.Engine.Locks;
using NixStore.Engine.Native;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Generations;

/// <summary>Makes another generation of a profile the current one (Nix libstore/profiles.cc:switchGeneration, switchLink).</summary>
public static class GenerationSwitcher
{
    /// <summary>The generation that a switch would go to.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="number">Which; null for the one before the current one.</param>
    /// <exception cref="NixStoreException">GenerationNotFound, NoOlderGeneration</exception>
    /// <exception cref="StoreIOException"/>
    public static StoreGeneration Find(StoreProfile profile, long? number) => Find(profile, profile.ReadGenerations(), number);

    /// <summary>
    /// Switches, by renaming a new link over the old one. What the generation consists of is protected from collection first, then checked,
    /// and must be registered and there.
    /// </summary>
    /// <param name="profile">The profile.</param>
    /// <param name="target">Which generation; it must still be what it was.</param>
    /// <param name="database">The store's database.</param>
    /// <param name="timeout">How long to wait for whoever changes the profile.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>The generation, current now.</returns>
    /// <exception cref="NixStoreException">StoreLocked, GenerationNotFound, GenerationNotValid</exception>
    /// <exception cref="StoreIOException"/>
    public static StoreGeneration Switch(
        StoreProfile profile, StoreGeneration target, StoreDatabase database, TimeSpan timeout, CancellationToken cancellation)
    {
        using var roots = OpenRoots(database, cancellation);
        using var directory = profile.Open();
        using var held = profile.Lock(directory, timeout, cancellation);
        var found = Find(profile, profile.Read(directory), target.Number);
        if (found.Path != target.Path)
        {
            throw NamedGenerations.NotFound(profile.Path, target.Number);
        }

        EnsureValid(found, database, roots, cancellation);
        var name = ByteName.From(GenerationName.Of(profile.Name, found.Number));

        // Under the lock nobody else has a link of this name; one that a kill left is replaced.
        var fresh = ByteName.From($".{profile.Name}.switching");
        if (Posix.TryStatusAt(directory, fresh, out _, out _))
        {
            Posix.UnlinkAt(directory, fresh);
        }

        Posix.SymlinkAt(name, directory, fresh);
        try
        {
            Posix.RenameAt(directory, fresh, directory, ByteName.From(profile.Name));
        }
        catch (StoreIOException)
        {
            Posix.UnlinkAt(directory, fresh);
            throw;
        }

        Posix.Fsync(directory);
        return found with { IsCurrent = true, IsInUse = true };
    }

    private static StoreGeneration Find(StoreProfile profile, IReadOnlyList<StoreGeneration> generations, long? number)
    {
        if (number is { } wanted)
        {
            return generations.FirstOrDefault(generation => generation.Number == wanted) ?? throw NamedGenerations.NotFound(profile.Path, wanted);
        }

        var current = GenerationChoice.RequireCurrent(profile.Path, generations).Number;
        return generations.LastOrDefault(generation => generation.Number < current) ?? throw new NixStoreException(
            "NoOlderGeneration", StoreErrorKind.NotFound, $"The profile '{profile.Path}' has no generation before the current one, {current}.", profile.Path,
            "Get-StoreGeneration lists those it has.");
    }

    /// <summary>A user may switch a profile of their own without a right to the store's state: then the generation's link must do as a root.</summary>
    private static TemporaryRoots? OpenRoots(StoreDatabase database, CancellationToken cancellation)
    {
        try
        {
            return TemporaryRoots.Open(database.Store, cancellation);
        }
        catch (StoreIOException error) when (error.Kind == StoreErrorKind.PermissionDenied)
        {
            return null;
        }
    }

    private static void EnsureValid(StoreGeneration generation, StoreDatabase database, TemporaryRoots? roots, CancellationToken cancellation)
    {
        var problem = "points out of the store";
        if (generation.Path is not null)
        {
            roots?.Add(database.Store.Directory.Parse(generation.Path), cancellation);
            problem = database.Find(generation.Path) is not { } row ? "points at a path that is not registered"
                : PathLister.Describe(row, database.Store).State == StorePathState.Missing ? "points at a path that is registered but not there"
                : null;
        }

        if (problem is not null)
        {
            throw new NixStoreException("GenerationNotValid", StoreErrorKind.InvalidData, $"'{generation.Link}' {problem}: {generation.Path}.", generation.Link,
                "Choose another generation, or get the path back first (Repair-StorePath, Copy-StorePath).");
        }
    }
}
