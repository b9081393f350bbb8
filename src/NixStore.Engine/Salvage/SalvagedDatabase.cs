using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Salvage;

/// <summary>
/// All rows that a damaged database still has, read page by page without SQLite: what the trees lead to, what only the indices have kept, and
/// what lies in pages that nothing leads to any more. Nothing in the file is believed, and no damage is an error: what cannot be read is
/// among the <see cref="Losses"/>.
/// </summary>
/// <remarks>
/// A row that no tree has may be one that was lost or one that was deleted: see its place, and ask the files. Nobody may write to the database
/// meanwhile; whoever means to replace it holds the big lock anyway.
/// </remarks>
public sealed class SalvagedDatabase
{
    internal SalvagedDatabase()
    {
    }

    /// <summary>The rows of <c>ValidPaths</c>, one for each id and each path, by id.</summary>
    public required IReadOnlyList<SalvagedPath> Paths { get; init; }

    /// <summary>Rows that say something else of an id or a path that a more trustworthy row has. Without references and outputs.</summary>
    public required IReadOnlyList<SalvagedPath> Others { get; init; }

    /// <summary>Rows of <c>Refs</c> whose referrer is in none of <see cref="Paths"/>.</summary>
    public required IReadOnlyList<SalvagedReference> LooseReferences { get; init; }

    /// <summary>Rows of <c>DerivationOutputs</c> whose derivation is in none of <see cref="Paths"/>.</summary>
    public required IReadOnlyList<SalvagedOutput> LooseOutputs { get; init; }

    /// <summary>What could not be read, and why. Empty for a sound database.</summary>
    public required IReadOnlyList<SalvageLoss> Losses { get; init; }

    /// <summary>What the write-ahead log held.</summary>
    public required SalvagedLog Log { get; init; }

    /// <summary>Bytes of a page.</summary>
    public required int PageSize { get; init; }

    /// <summary>How many pages there were to be read.</summary>
    public required long PageCount { get; init; }

    /// <summary>Reads the database of a store. A missing file is a loss like others.</summary>
    /// <exception cref="StoreIOException">A file may not be opened.</exception>
    public static SalvagedDatabase Read(StoreLocation store, CancellationToken cancellation)
        => Read(store.DatabasePath, store.Directory, cancellation);

    /// <summary>Reads a database of a store whose logical directory is <paramref name="directory"/>; its log is beside it.</summary>
    /// <exception cref="StoreIOException">A file may not be opened.</exception>
    public static SalvagedDatabase Read(string path, StoreDirectory directory, CancellationToken cancellation)
    {
        using var files = DatabaseFiles.Use();
        return new DatabaseSalvager(files, path, directory, cancellation).Run();
    }
}
