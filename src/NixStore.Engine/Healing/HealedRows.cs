using NixStore.Engine.Native;
using NixStore.Engine.Rebuilding;
using NixStore.Engine.Repair;
using NixStore.Engine.Roots;
using NixStore.Engine.Salvage;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Healing;

/// <summary>All rows as they are to be, decided from what the database still has, what the files say and what the roots name.</summary>
internal sealed class HealedRows
{
    private readonly StoreLocation _store;
    private readonly HealingOptions _options;
    private readonly CancellationToken _cancellation;
    private readonly Dictionary<string, HealedRow> _rows = new(StringComparer.Ordinal);

    private HealedRows(StoreLocation store, HealingOptions options, DamagedRows damaged, CancellationToken cancellation)
        => (_store, _options, Damaged, _cancellation) = (store, options, damaged, cancellation);

    /// <summary>What the database had.</summary>
    internal DamagedRows Damaged { get; }

    /// <summary>The rows.</summary>
    internal IReadOnlyCollection<HealedRow> Rows => _rows.Values;

    /// <summary>What got no row.</summary>
    internal IReadOnlyList<StoreRowOmission> Omitted { get; private set; } = [];

    /// <summary>What is certain and what assumed of each row that the files were asked for and that is not as it was.</summary>
    internal IReadOnlyList<StoreRowCertainty> Certainties
        => [.. _rows.Values.Where(row => row.Remade is not null && !row.WasCurrent).Select(row => row.Remade!.Certainty)];

    /// <summary>Decides.</summary>
    /// <exception cref="StoreDirectoryEmptyException"/>
    /// <exception cref="StoreIOException"/>
    /// <exception cref="OperationCanceledException"/>
    internal static HealedRows Decide(
        StoreLocation store, DamagedRows damaged, HealingOptions options, VerificationProgress progress, CancellationToken cancellation)
    {
        var healed = new HealedRows(store, options, damaged, cancellation);
        healed.EnsureNotEmpty();
        healed.Fill(progress);
        healed.CutCircles();
        return healed;
    }

    private void EnsureNotEmpty()
    {
        var present = StoreDirectoryIndex.Read(_store);
        if (!_options.Repair.AcceptEmptyStore && Damaged.ByPath.Count > 0 && !Damaged.ByPath.Keys.Any(path => present.Contains(path.BaseName)))
        {
            throw new StoreDirectoryEmptyException(_store, Damaged.ByPath.Count);
        }
    }

    private void Fill(VerificationProgress progress)
    {
        var (remade, omitted) = Remake(progress);
        Omitted = omitted;
        var byPath = remade.ToDictionary(row => row.Row.Path, StringComparer.Ordinal);
        var merger = new RowMerger(Damaged, new StorePathFactory(_store.Directory));
        foreach (var (path, before) in Damaged.ByPath)
        {
            var files = byPath.GetValueOrDefault(before.Row.Path);
            if (DamagedRows.IsCurrent(before) || (files is not null && IsLost(before)))
            {
                _rows.Add(before.Row.Path, merger.Merge(path, before, files));
            }
        }

        foreach (var row in remade.Where(row => _options.Rebuild || Damaged.HasLostPaths))
        {
            _rows.TryAdd(row.Row.Path, HealedRow.From(row));
        }

        new NeededRows(_store, _options.Repair, byPath, Damaged.ByPath, merger, _cancellation).Complete(_rows, FindRoots());
    }

    /// <summary>
    /// A row that SQLite does not find was lost, or was deleted. As long as nothing else was lost it was deleted, unless it lies in a page that
    /// is not free.
    /// </summary>
    private bool IsLost(SalvagedPath row) => _options.Rebuild || Damaged.HasLostPaths || row.Place.Origin < SalvageOrigin.FreePage;

    /// <summary>Asks the files of all paths whose rows are in doubt or lost, and all derivations.</summary>
    private (IReadOnlyList<RebuiltRow> Rows, IReadOnlyList<StoreRowOmission> Omitted) Remake(VerificationProgress progress)
    {
        var descriptions = new TrustedDescription(_store, _options.Repair);
        var options = new RebuildOptions
        {
            Workers = _options.Workers,
            TrustedKeys = _options.Repair.TrustedKeys,
            Named = [.. Damaged.Named],
            Known = _options.Rebuild || _options.CheckContents ? null : Damaged.ReferencesIfSound,
            Describe = _options.Repair.Sources.Count == 0 ? null
                : path => IsKnown(path) ? null : descriptions.Find(path, new RepairTrail(), _cancellation)?.Path.Info,
        };
        try
        {
            return DatabaseRebuilder.ReadRows(_store, options, progress, _cancellation);
        }
        catch (NixStoreException error) when (error.ErrorId == "StoreDirectoryEmpty" && _options.Repair.AcceptEmptyStore)
        {
            return ([], []);
        }
    }

    /// <summary>Sources take their time: they are not asked for what the database knows well enough.</summary>
    private bool IsKnown(StorePath path) => Damaged.ByPath.TryGetValue(path, out var row) && DamagedRows.IsCurrent(row)
        && row.IsComplete && row.DanglingReferences.Count + row.DoubtfulReferences.Count == 0 && Damaged.Parse(row, out var problems).NarHash is not null && problems.Count == 0;

    private IEnumerable<string> FindRoots()
    {
        var scanner = new RootScanner(_store, _ => true);
        return scanner.FindAll(_cancellation).Where(root => !root.Stale).Select(root => root.Path).OfType<string>();
    }

    /// <summary>Takes out references that close a circle: those that the files do not have, then those that they only mention.</summary>
    private void CutCircles()
    {
        foreach (var isCuttable in (Func<HealedRow, string, bool>[])[IsDisproved, IsOnlyMentioned])
        {
            foreach (var circle in CircleFinder.Find([.. _rows.Values.Select(row => row.Row)]))
            {
                var members = circle.Select(row => row.Path).ToHashSet(StringComparer.Ordinal);
                foreach (var row in circle.Select(row => _rows[row.Path]))
                {
                    row.Row = row.Row with
                    {
                        References = [.. row.Row.References.Where(
                            reference => reference == row.Row.Path || !members.Contains(reference) || !isCuttable(row, reference))],
                    };
                }
            }
        }

        static bool IsDisproved(HealedRow row, string reference) => row.HasItsContents && !row.Mentioned.Contains(reference);
        static bool IsOnlyMentioned(HealedRow row, string reference)
            => row.Before?.Row.References.Contains(reference) != true && row.Remade?.Certainty.References == StoreCertainty.Assumed;
    }
}
