using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Rebuilding;

/// <summary>
/// Makes a store's database from nothing but the store directory, for when there is none any more, or none that can be believed. The store
/// is only read; nobody may change it meanwhile, so the caller holds the big lock.
/// </summary>
public static class DatabaseRebuilder
{
    /// <summary>Reads the whole store and writes a new database into a file of its own.</summary>
    /// <param name="store">The store.</param>
    /// <param name="file">Where to write: on the file system of the database, so that it can be renamed into its place.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Counts.</param>
    /// <param name="cancellation">Ends it; the file is gone then.</param>
    /// <exception cref="NixStoreException">StoreDirectoryEmpty: there is not one path in the store directory.</exception>
    /// <exception cref="Database.StoreDatabaseException">The file cannot be written.</exception>
    /// <exception cref="StoreIOException">The store directory cannot be read.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static RebuiltDatabase Rebuild(
        StoreLocation store, string file, RebuildOptions options, VerificationProgress progress, CancellationToken cancellation)
    {
        var (rows, omitted) = ReadRows(store, options, progress, cancellation);
        NewDatabase.Write(file, [.. rows.Select((row, i) => (i + 1L, row.Row))], cancellation);
        return new RebuiltDatabase(file, [.. rows.Select(row => row.Certainty)], omitted);
    }

    /// <summary>
    /// The rows that the store directory gives, references before referrers, and what gave none, without writing anything.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="options">How; with <see cref="RebuildOptions.Known"/> only rows of paths that it does not know.</param>
    /// <param name="progress">Counts.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NixStoreException">StoreDirectoryEmpty: there is not one path in the store directory.</exception>
    /// <exception cref="StoreIOException">The store directory cannot be read.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static (IReadOnlyList<RebuiltRow> Rows, IReadOnlyList<StoreRowOmission> Omitted) ReadRows(
        StoreLocation store, RebuildOptions options, VerificationProgress progress, CancellationToken cancellation)
    {
        var reading = new StoreReading(store, options, progress, cancellation);
        var rows = reading.ReadRows();
        return (rows, reading.Omitted);
    }
}
