using System.Globalization;
using System.Security.Cryptography;
using NixStore.Catalog.DuckDB;
using NixStore.Engine.Native;

namespace NixStore.Catalog.Pruning.Plans;

/// <summary>
/// Makes a plan's folder: parts of its tables first, durably, and <c>plan.json</c> last. What a killed run has left is no plan, and is removed by the
/// next one.
/// </summary>
public sealed class PrunePlanWriter
{
    private readonly Dictionary<string, List<PrunePlanPart>> _parts = PrunePlanTable.All.ToDictionary(table => table.Name, _ => new List<PrunePlanPart>());

    private PrunePlanWriter(string directory) => Directory = directory;

    /// <summary>The folder.</summary>
    public string Directory { get; }

    /// <summary>Sees to it that a plan may come into a folder.</summary>
    /// <param name="directory">None, an empty one, or an unfinished plan.</param>
    /// <exception cref="NixStoreException">PrunePlanExists, PrunePlanFolderNotEmpty</exception>
    public static void Check(string directory)
    {
        if (File.Exists(Path.Combine(directory, PrunePlanFile.FileName)))
        {
            throw new NixStoreException("PrunePlanExists", StoreErrorKind.InvalidArgument, $"'{directory}' is a plan already.", directory, "Give another folder.");
        }

        if (System.IO.Directory.Exists(directory)
            && System.IO.Directory.EnumerateFileSystemEntries(directory).Select(Path.GetFileName).Any(entry => PrunePlanTable.All.All(table => table.Name != entry)))
        {
            throw new NixStoreException("PrunePlanFolderNotEmpty", StoreErrorKind.InvalidArgument, $"'{directory}' is no plan, and there is something in it.", directory,
                "Give an empty folder, or one that is not there yet.");
        }
    }

    /// <summary>Begins a plan.</summary>
    /// <param name="directory">Its folder: none, an empty one, or an unfinished plan.</param>
    /// <exception cref="NixStoreException">PrunePlanExists, PrunePlanFolderNotEmpty; errors of writing.</exception>
    public static PrunePlanWriter Create(string directory)
    {
        Check(directory);
        try
        {
            System.IO.Directory.CreateDirectory(directory);
            foreach (var folder in PrunePlanTable.All.Select(table => Path.Combine(directory, table.Name)).Where(System.IO.Directory.Exists))
            {
                System.IO.Directory.Delete(folder, recursive: true);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new NixStoreException("PrunePlanWriteFailed", error is UnauthorizedAccessException ? StoreErrorKind.PermissionDenied : StoreErrorKind.WriteError,
                $"The folder '{directory}' cannot be made: {error.Message}", directory, null, error);
        }

        return new PrunePlanWriter(directory);
    }

    /// <summary>Writes the rows of a query as the next part of a table; no rows, no part.</summary>
    /// <param name="session">Where the query is asked.</param>
    /// <param name="table">Which.</param>
    /// <param name="select">A SELECT with the table's columns in their order and types, sorted; it must always give the same order.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>Its rows.</returns>
    /// <exception cref="DuckException"/>
    public long Write(DuckSession session, PrunePlanTable table, string select, CancellationToken cancellation = default)
    {
        var parts = _parts[table.Name];
        var name = string.Create(CultureInfo.InvariantCulture, $"{parts.Count + 1:D6}.parquet");
        var path = Path.Combine(System.IO.Directory.CreateDirectory(Path.Combine(Directory, table.Name)).FullName, name);
        var rows = session.Execute($"COPY ({select}) TO {DuckSession.Quote(path)} (FORMAT parquet, COMPRESSION zstd, PRESERVE_ORDER true)", cancellation);
        if (rows == 0)
        {
            File.Delete(path);
            return 0;
        }

        using (var file = Posix.Open(path, OpenFlags.ReadOnly))
        {
            Posix.Fsync(file);
        }

        using var stream = File.OpenRead(path);
        parts.Add(new PrunePlanPart(name, rows, stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream))));
        return rows;
    }

    /// <summary>Rows of a table by now.</summary>
    public long RowsOf(PrunePlanTable table) => _parts[table.Name].Sum(part => part.Rows);

    /// <summary>Lets a session show what is written of a table by now.</summary>
    /// <exception cref="DuckException"/>
    public void CreateView(DuckSession session, PrunePlanTable table)
        => table.CreateView(session, table.View, _parts[table.Name].ConvertAll(part => Path.Combine(Directory, table.Name, part.Name)));

    /// <summary>Makes the plan one.</summary>
    /// <param name="draft">All of it but tables, name and digest.</param>
    /// <exception cref="StoreIOException"/>
    public PrunePlan Finish(BinaryCachePrunePlan draft)
    {
        foreach (var table in PrunePlanTable.All.Where(table => _parts[table.Name].Count > 0))
        {
            Sync(Path.Combine(Directory, table.Name));
        }

        var tables = new SortedDictionary<string, IReadOnlyList<PrunePlanPart>>(
            _parts.Where(table => table.Value.Count > 0).ToDictionary(table => table.Key, table => (IReadOnlyList<PrunePlanPart>)table.Value), StringComparer.Ordinal);
        Sync(Directory);
        PrunePlanFile.Write(Directory, PrunePlanFile.Seal(draft with { Tables = tables, Approvals = [] }));
        Sync(Path.GetDirectoryName(Path.GetFullPath(Directory.TrimEnd('/'))) ?? "/");
        return PrunePlan.Open(Directory);
    }

    private static void Sync(string directory)
    {
        using var folder = Posix.Open(directory, OpenFlags.ReadOnly | OpenFlags.Directory);
        Posix.Fsync(folder);
    }
}
