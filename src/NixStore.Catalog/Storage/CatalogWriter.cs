using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Feeding;
using NixStore.Catalog.Sql;
using NixStore.Engine.Native;

namespace NixStore.Catalog.Storage;

/// <summary>
/// A catalog that is open for changes: one at a time (flock(2) on <c>catalog.lock</c>). Work is done in steps; whatever a killed process has not
/// committed is removed by the next writer, which begins where the last committed step ended.
/// </summary>
public sealed class CatalogWriter : ICatalogWriter
{
    private const string LockName = "catalog.lock";

    private readonly FileDescriptor _folder;
    private readonly FileDescriptor _lock;
    private readonly DuckOptions _options;
    private DuckSession? _session;

    private CatalogWriter(string directory, FileDescriptor folder, FileDescriptor lockFile, CatalogManifest manifest, DuckOptions? options)
    {
        Directory = directory;
        _folder = folder;
        _lock = lockFile;
        Manifest = manifest;
        _options = options ?? new DuckOptions { TemporaryDirectory = SpillDirectory.For(directory) };
    }

    /// <summary>The folder.</summary>
    public string Directory { get; }

    /// <inheritdoc/>
    public string Location => Directory;

    /// <inheritdoc/>
    public CatalogManifest Manifest { get; private set; }

    /// <summary>An engine that has each table as a view; they follow the steps.</summary>
    public DuckSession Session => _session ??= StartSession();

    /// <summary>Opens a catalog for changes.</summary>
    /// <param name="directory">The folder; it is made when it is not there.</param>
    /// <param name="initial">What a new catalog begins with; null = it must be there.</param>
    /// <param name="options">What the engine may use; null = the defaults.</param>
    /// <param name="allowUnfinished">It may be a copy that is not complete.</param>
    /// <exception cref="NixStoreException">
    /// CatalogNotFound, CatalogCorrupt, CatalogTooNew, CatalogUnfinished; CatalogLocked: somebody else writes; CatalogFolderNotEmpty; errors of reading and writing.
    /// </exception>
    public static CatalogWriter Open(string directory, CatalogManifest? initial = null, DuckOptions? options = null, bool allowUnfinished = false)
    {
        if (initial is not null)
        {
            MakeFolder(directory);
        }
        else
        {
            _ = CacheCatalog.Open(directory);
        }

        var folder = Posix.Open(directory, OpenFlags.ReadOnly | OpenFlags.Directory);
        FileDescriptor? lockFile = null;
        try
        {
            lockFile = Posix.OpenAt(folder, ByteName.From(LockName), OpenFlags.ReadWrite | OpenFlags.Create, 0b110_100_100);
            if (!Posix.TryFlock(lockFile, LockMode.Exclusive))
            {
                throw new NixStoreException("CatalogLocked", StoreErrorKind.Busy, $"Somebody else is writing to the catalog '{directory}'.", directory,
                    "Wait for it to end (fuser or lsof on catalog.lock names it), then run the command again: what is done already is not done again.");
            }

            var manifest = ManifestFile.TryRead(directory);
            if (manifest is null)
            {
                manifest = initial!;
                ManifestFile.Write(folder, manifest);
            }

            if (!allowUnfinished && manifest.UnfinishedCopyOf is { } source)
            {
                throw ManifestFile.Unfinished(directory, source);
            }

            var writer = new CatalogWriter(directory, folder, lockFile, manifest, options);
            writer.Clean();
            return writer;
        }
        catch
        {
            lockFile?.Dispose();
            folder.Dispose();
            throw;
        }
    }

    /// <summary>The catalog as it stands after the last step.</summary>
    public CacheCatalog ToCatalog() => CacheCatalog.Open(Directory);

    /// <summary>Begins a step: some new files and one exchange of the manifest.</summary>
    public CatalogStep BeginStep() => new(this);

    /// <inheritdoc/>
    ICatalogStep ICatalogWriter.BeginStep() => BeginStep();

    /// <inheritdoc/>
    public CatalogDifference CompareObjects(CancellationToken cancellation)
    {
        var parts = Manifest[CatalogTable.Objects];
        using var rows = Session.Query(SqlText.Of("difference", ("old", SourceOf(parts.Parts)), ("new", SourceOf(parts.Pending))), cancellation);
        return rows.Read() ? new CatalogDifference(rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3)) : new CatalogDifference(0, 0, 0, 0);

        string SourceOf(IReadOnlyList<CatalogPart> some) => CatalogViews.Source(CatalogTable.Objects, [.. some.Select(part => Path.Combine(FolderOf(CatalogTable.Objects), part.Name))]);
    }

    /// <inheritdoc/>
    public void FindWanted(CancellationToken cancellation) => Session.Execute($"CREATE OR REPLACE TEMP TABLE wanted AS {SqlText.Of("wanted")}", cancellation);

    /// <inheritdoc/>
    public long RemoveOutdated(CancellationToken cancellation)
    {
        if (!OutdatedRows.IsListed(Manifest))
        {
            return 0;
        }

        var count = OutdatedRows.Remove(this, CatalogTable.NarInfos, "hash", OutdatedRows.NarInfos(Manifest), cancellation);
        OutdatedRows.Remove(this, CatalogTable.Findings, "key", SqlText.Of("outdatedfindings"), cancellation);
        return count;
    }

    /// <inheritdoc/>
    public void FindWantedLinks(CancellationToken cancellation) => Session.Execute($"CREATE OR REPLACE TEMP TABLE wanted AS {SqlText.Of("Links/wanted")}", cancellation);

    /// <inheritdoc/>
    public long RemoveOutdatedLinks(CancellationToken cancellation) => OutdatedRows.Remove(this, CatalogTable.Links, "key", SqlText.Of("Links/outdated"), cancellation);

    /// <inheritdoc/>
    public string FindKnown(string hashes, CancellationToken cancellation) => CatalogTable.NarInfos.Name;

    /// <inheritdoc/>
    public void RefreshShared(CancellationToken cancellation) => SharedNars.Refresh(this, cancellation);

    /// <summary>Ends writing.</summary>
    public void Dispose()
    {
        _session?.Dispose();

        // A process that is just being started has the descriptor too, until it executes its program.
        Posix.Unlock(_lock);
        _lock.Dispose();
        _folder.Dispose();
    }

    /// <summary>The folder of a table, made when it is not there.</summary>
    internal string FolderOf(CatalogTable table) => System.IO.Directory.CreateDirectory(Path.Combine(Directory, table.Name)).FullName;

    /// <summary>Makes a new manifest the catalog's.</summary>
    internal void Replace(CatalogManifest manifest)
    {
        ManifestFile.Write(_folder, manifest);
        var changed = CatalogTable.All.Where(table => !Manifest[table].Parts.SequenceEqual(manifest[table].Parts)).ToList();
        Manifest = manifest;
        if (_session is { } session)
        {
            changed.ForEach(table => CatalogViews.Point(session, table, PathsOf(table)));
        }
    }

    private static void MakeFolder(string directory)
    {
        if (ManifestFile.TryRead(directory) is null && System.IO.Directory.Exists(directory)
            && System.IO.Directory.EnumerateFileSystemEntries(directory).Any(entry => Path.GetFileName(entry) is not (LockName or CatalogManifest.FileName + ".new")))
        {
            throw new NixStoreException("CatalogFolderNotEmpty", StoreErrorKind.InvalidArgument,
                $"'{directory}' is no catalog, and there is something in it.", directory, "Give an empty folder, or one that is not there yet.");
        }

        try
        {
            System.IO.Directory.CreateDirectory(directory);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new NixStoreException("CatalogWriteFailed", error is UnauthorizedAccessException ? StoreErrorKind.PermissionDenied : StoreErrorKind.WriteError,
                $"The folder '{directory}' cannot be made: {error.Message}", directory, null, error);
        }
    }

    /// <summary>Removes the files that no manifest lists.</summary>
    internal void Clean()
    {
        SpillDirectory.Clean(Directory);
        foreach (var table in CatalogTable.All)
        {
            var folder = Path.Combine(Directory, table.Name);
            if (!System.IO.Directory.Exists(folder))
            {
                continue;
            }

            var listed = Manifest[table].Parts.Concat(Manifest[table].Pending).Select(part => part.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var file in System.IO.Directory.EnumerateFiles(folder).Where(file => !listed.Contains(Path.GetFileName(file))))
            {
                File.Delete(file);
            }
        }
    }

    private DuckSession StartSession()
    {
        var session = new DuckSession(_options);
        CatalogViews.Create(session, PathsOf);
        return session;
    }

    private IReadOnlyList<string> PathsOf(CatalogTable table)
        => [.. Manifest[table].Parts.Select(part => Path.Combine(Directory, table.Name, part.Name))];
}
