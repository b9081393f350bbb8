using NixStore.Engine.Native;

namespace NixStore.Engine.Upkeep;

/// <summary>One of the places where a store lies.</summary>
/// <param name="Path">A directory that is there.</param>
/// <param name="Holds">What it is, for people.</param>
/// <param name="HasDatabase">True when the database is written there.</param>
/// <param name="Directory">It, open until the next one is asked for.</param>
internal sealed record StoreDisk(string Path, string Holds, bool HasDatabase, FileDescriptor Directory)
{
    /// <summary>Opens the places of a store; what is missing is left out.</summary>
    internal static IEnumerable<StoreDisk> Of(UpkeptStore store)
    {
        (string Path, string Holds, bool HasDatabase)[] places =
            [(store.Location.RealDirectory, "the store directory", false), ($"{store.Location.StateDirectory}/db", "the database", true)];
        foreach (var (path, holds, hasDatabase) in places)
        {
            using var directory = Posix.TryOpenAt(FileDescriptor.WorkingDirectory, ByteName.From(path),
                OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime, 0, out _);
            if (directory is not null)
            {
                yield return new StoreDisk(path, holds, hasDatabase, directory);
            }
        }
    }
}
