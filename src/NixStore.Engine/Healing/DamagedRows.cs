using NixStore.Engine.Database;
using NixStore.Engine.Native;
using NixStore.Engine.Salvage;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Healing;

/// <summary>The rows that a database still has, and which of them cannot be left as they are without asking the files.</summary>
internal sealed class DamagedRows
{
    private readonly StoreLocation _store;
    private readonly StorePathFactory _factory;
    private readonly Dictionary<StorePath, SalvagedPath> _byPath = [];
    private readonly HashSet<string> _circular;

    private DamagedRows(StoreLocation store, SalvagedDatabase? salvaged, IReadOnlyList<SalvagedPath> remembered)
    {
        (_store, Salvaged) = (store, salvaged);
        _factory = new StorePathFactory(store.Directory);
        foreach (var row in salvaged?.Paths ?? [])
        {
            if (store.Directory.TryParse(row.Row.Path, out var path))
            {
                _byPath[path] = row;
            }
            else
            {
                Nonsense.Add(row);
            }
        }

        foreach (var row in remembered)
        {
            if (store.Directory.TryParse(row.Row.Path, out var path))
            {
                // As a row that lies about in a page of no tree: it was right once. Its id may be another path's by now.
                _byPath.TryAdd(path, row with { Id = 0, IsIndexed = false, Place = new SalvagePlace(SalvageOrigin.FreePage, 0) });
            }
        }

        _circular = CircleFinder.FindMembers([.. _byPath.Values.Select(row => row.Row)]);
    }

    /// <summary>All that was read; null when it is to be left aside.</summary>
    internal SalvagedDatabase? Salvaged { get; }

    /// <summary>Rows whose path is none of this store.</summary>
    internal List<SalvagedPath> Nonsense { get; } = [];

    /// <summary>All other rows.</summary>
    internal IReadOnlyDictionary<StorePath, SalvagedPath> ByPath => _byPath;

    /// <summary>All paths that the database names in any of its tables.</summary>
    internal IEnumerable<StorePath> Named => (Salvaged?.LooseOutputs.Select(output => output.Path) ?? [])
        .Concat(_byPath.Values.SelectMany(row => row.Row.Outputs.Values.Concat(row.DoubtfulOutputs.Values).Append(row.Row.Deriver)).OfType<string>())
        .Select(text => _store.Directory.TryParse(text, out var path) ? path : null).OfType<StorePath>().Concat(_byPath.Keys).Distinct();

    /// <summary>True when rows of paths may be lost without a trace.</summary>
    internal bool HasLostPaths => Salvaged is null || Salvaged.PageCount == 0 || Loses("ValidPaths");

    /// <summary>True when references may be lost without a trace.</summary>
    internal bool HasLostReferences => Salvaged is null || Loses("Refs");

    /// <summary>Reads the database of a store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="file">Its database or a copy of it; null to take none.</param>
    /// <param name="remembered">Rows of a backup.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="StoreIOException"/>
    internal static DamagedRows Read(StoreLocation store, string? file, IReadOnlyList<SalvagedPath> remembered, CancellationToken cancellation)
        => new(store, file is null ? null : SalvagedDatabase.Read(file, store.Directory, cancellation), remembered);

    /// <summary>True when SQLite itself would find the row, or would if its table had not lost it.</summary>
    internal static bool IsCurrent(SalvagedPath row) => row.Place.Origin == SalvageOrigin.Tree || row.IsIndexed;

    /// <summary>What the row refers to, when it can be left as it is; null when the files must be asked.</summary>
    internal IReadOnlyList<StorePath>? ReferencesIfSound(StorePath path)
    {
        if (path.IsDerivation || !_byPath.TryGetValue(path, out var row) || row.Place.Origin != SalvageOrigin.Tree
            || row.DanglingReferences.Count > 0 || row.DoubtfulReferences.Count > 0 || HasLostReferences || _circular.Contains(row.Row.Path))
        {
            return null;
        }

        var parsed = Parse(row, out var problems);
        return problems.Count == 0 && (parsed.ContentAddress is not { } address || _factory.Proves(path, address, parsed.References))
            ? parsed.References : null;
    }

    /// <summary>The columns of a row that parse, and a problem for each that does not.</summary>
    internal ParsedRow Parse(SalvagedPath row, out List<StorePathProblem> problems)
    {
        problems = new List<StorePathProblem>(0);
        return RowParser.Parse(
            new PathRow
            {
                Id = row.Id,
                Path = row.Row.Path,
                Hash = row.Row.Hash,
                RegistrationTime = row.MalformedColumns.Contains("registrationTime") ? null : row.Row.RegistrationTime,
                Deriver = row.Row.Deriver,
                NarSize = row.Row.NarSize,
                Ultimate = row.Row.Ultimate,
                Signatures = row.Row.Signatures,
                ContentAddress = row.Row.ContentAddress,
                References = row.Row.References,
                MalformedColumns = [.. row.MalformedColumns.Select(column => (column, "what is none of its type"))],
            },
            _store, problems);
    }

    /// <summary>True when pages of a table, or of what may have been it, could not be read.</summary>
    private bool Loses(string table) => Salvaged!.Losses.Any(loss => loss.Tree is null || loss.Tree == table);
}
