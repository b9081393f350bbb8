using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Copying;

/// <summary>
/// Copies a catalog between folders and clusters, a part at a time, with nothing lost: rows, what was imported, and the names of the parts. A copy that is not
/// complete cannot be read; a killed one is continued by the next one of the same source.
/// </summary>
public sealed class CatalogCopy
{
    private readonly ICopySource _source;
    private long _done;

    private readonly IReadOnlyList<CatalogTable>? _tables;

    private CatalogCopy(ICopySource source, IReadOnlyList<CatalogTable>? tables) => (_source, _tables) = (source, tables);

    /// <summary>Folder or address of the source, without a password.</summary>
    public string Source => _source.Location;

    /// <summary>Rows of all tables.</summary>
    public long Total => Parts.Sum(item => item.Part.Rows);

    /// <summary>Rows that are in the copy. Any thread.</summary>
    public long Done => Interlocked.Read(ref _done);

    /// <summary>Is told of each part that is in the copy; null = nobody.</summary>
    internal Action? AfterPart { get; set; }

    private IEnumerable<(CatalogTable Table, CatalogPart Part)> Parts
        => (_tables ?? CatalogTable.All).SelectMany(table => _source.Manifest[table].Parts.Concat(_source.Manifest[table].Pending).Select(part => (table, part)));

    /// <summary>Begins with a source.</summary>
    /// <exception cref="NixStoreException">Those of <see cref="CacheCatalog.Open"/> and <see cref="ClusterCatalog.Open"/>.</exception>
    public static CatalogCopy From(ICatalog source) => From(source, null);

    /// <summary>The same of some tables only, whose parts the copy calls what the source does, with its sizes: for what compares these.</summary>
    internal static CatalogCopy From(ICatalog source, IReadOnlyList<CatalogTable>? tables) => new(
        source switch
        {
            CacheCatalog folder => new FolderCopySource(folder),
            ClusterCatalog cluster => new ClusterCopySource(cluster),
            _ => throw new ArgumentException("It is neither a folder nor a cluster.", nameof(source)),
        },
        tables);

    /// <summary>Copies into a folder.</summary>
    /// <param name="directory">None, an empty one, or an unfinished copy.</param>
    /// <param name="overwrite">What is there goes first.</param>
    /// <param name="cancellation">Stops; what is done by then need not be done again.</param>
    /// <exception cref="NixStoreException">CatalogExists, CatalogUnfinished: of another source; CatalogLocked, CatalogFolderNotEmpty; CatalogCopyIncomplete, CatalogChanged; errors of reading and writing.</exception>
    /// <exception cref="OperationCanceledException"/>
    public CatalogManifest ToFolder(string directory, bool overwrite, CancellationToken cancellation)
    {
        using var target = new FolderCopyTarget(CatalogWriter.Open(directory, new CatalogManifest { UnfinishedCopyOf = Identity }, allowUnfinished: true));
        return Run(target, overwrite, cancellation);
    }

    /// <summary>Copies onto a cluster.</summary>
    /// <param name="address">A database that has nothing in it, or an unfinished copy.</param>
    /// <param name="overwrite">What is there goes first, be it whole or not, and whatever the cluster was then.</param>
    /// <param name="cancellation">Stops; what is done by then need not be done again.</param>
    /// <exception cref="NixStoreException">CatalogExists, CatalogUnfinished: of another source; CatalogCopyOntoItself; CatalogCopyIncomplete, CatalogChanged; those of <see cref="ClusterWriter.Open"/> and <see cref="ClusterStep"/>.</exception>
    /// <exception cref="OperationCanceledException"/>
    public CatalogManifest ToCluster(ClickHouseAddress address, bool overwrite, CancellationToken cancellation)
    {
        _source.CheckApart(address, cancellation);
        var initial = new CatalogManifest { UnfinishedCopyOf = Identity };
        using var target = new ClusterCopyTarget(overwrite ? ClusterWriter.OpenInPlaceOf(address, initial, there => there.UnfinishedCopyOf == Identity || Text(there) == Text(_source.Manifest), cancellation)
            : ClusterWriter.Open(address, initial, allowUnfinished: true, cancellation));
        return Run(target, overwrite, cancellation);
    }

    /// <summary>The same for the same source in the same state.</summary>
    internal string Identity => $"{_source.Location} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text(_source.Manifest))))}";

    /// <summary>Folder or address of an <see cref="Identity"/>.</summary>
    private static string SourceOf(string identity) => identity.LastIndexOf(' ') is >= 0 and var at ? identity[..at] : identity;

    private static string Text(CatalogManifest manifest) => JsonSerializer.Serialize(manifest, ManifestFile.Options);

    private CatalogManifest Run(ICopyTarget target, bool overwrite, CancellationToken cancellation)
    {
        if (Text(target.Manifest) == Text(_source.Manifest))
        {
            // One that came to its end and was killed before it could say so.
            Interlocked.Exchange(ref _done, Total);
            return target.Manifest;
        }

        Prepare(target, overwrite, cancellation);
        using (var session = new DuckSession(new DuckOptions { TemporaryDirectory = TemporaryFolder.New("copy") }))
        {
            CatalogViews.Create(session, _ => []);
            foreach (var (table, part) in Parts)
            {
                CopyPart(session, target, table, part, cancellation);
            }
        }

        // All at once: the copy is one from here on.
        target.Update(Complete, cancellation);
        return target.Manifest;
    }

    private void CopyPart(DuckSession session, ICopyTarget target, CatalogTable table, CatalogPart part, CancellationToken cancellation)
    {
        if (!target.Manifest[table].Pending.Any(other => other.Name == part.Name))
        {
            var rows = target.Write(session, _source.Load(session, table, part, cancellation), table, part, cancellation);
            if (rows != part.Rows)
            {
                _source.CheckCurrent(cancellation);
                throw new NixStoreException("CatalogCopyIncomplete", StoreErrorKind.InvalidData,
                    $"The part {part.Name} of the table {table} of '{Source}' should have {part.Rows:N0} rows, but {rows:N0} came.", Source,
                    "The source is damaged: import the cache anew, or restore the source.");
            }
        }

        Interlocked.Add(ref _done, part.Rows);
        AfterPart?.Invoke();
    }

    private void Prepare(ICopyTarget target, bool overwrite, CancellationToken cancellation)
    {
        var manifest = target.Manifest;
        if (manifest.UnfinishedCopyOf == Identity)
        {
            return;
        }

        // A state that the source had before is nothing that anybody wants to go on with.
        if (manifest.UnfinishedCopyOf is { } other && !overwrite && SourceOf(other) != _source.Location)
        {
            throw new NixStoreException("CatalogUnfinished", StoreErrorKind.InvalidArgument, $"'{target.Location}' is an unfinished copy of '{SourceOf(other)}'.", target.Location,
                "Copy that one again to have it finished, give another place, or -Force to have it replaced.");
        }

        if (manifest.UnfinishedCopyOf is null && !overwrite && CatalogTable.All.Any(table => manifest[table].Parts.Count > 0 || manifest[table].Pending.Count > 0))
        {
            throw new NixStoreException("CatalogExists", StoreErrorKind.InvalidArgument, $"'{target.Location}' is a catalog already.", target.Location,
                "Give another place, or -Force to have it replaced.");
        }

        // Its parts' numbers may be those of the source's: they have to be gone before others come.
        target.Update(_ => new CatalogManifest { UnfinishedCopyOf = Identity }, cancellation);
        target.Clean(cancellation);
    }

    private CatalogManifest Complete(CatalogManifest copied)
    {
        var complete = _source.Manifest;
        if (_tables is not null)
        {
            return complete with { Tables = complete.Tables.Where(table => _tables.Any(some => some.Name == table.Key)).ToDictionary() };
        }

        foreach (var table in CatalogTable.All)
        {
            var written = copied[table].Pending.ToDictionary(part => part.Name, StringComparer.Ordinal);
            var parts = _source.Manifest[table];
            if (complete.Tables.ContainsKey(table.Name))
            {
                complete = complete.With(table, parts with
                {
                    Next = Math.Max(parts.Next, copied[table].Next),
                    Parts = [.. parts.Parts.Select(Copied)],
                    Pending = [.. parts.Pending.Select(Copied)],
                });
            }

            CatalogPart Copied(CatalogPart part) => written[part.Name] with { Sha256 = part.Sha256 };
        }

        return complete;
    }
}
