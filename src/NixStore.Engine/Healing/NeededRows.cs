using NixStore.Engine.Database;
using NixStore.Engine.Rebuilding;
using NixStore.Engine.Repair;
using NixStore.Engine.Salvage;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Healing;

/// <summary>
/// Sees to it that whatever a row refers to has a row as well: one that was lost and whose files are there, one that lies about in the
/// database, one that a source vouches for, or, where nothing is known but that it is needed, one without a hash. Then the path is missing
/// or damaged and no longer unknown, and can be fetched or built again.
/// </summary>
internal sealed class NeededRows
{
    private readonly StoreLocation _store;
    private readonly RepairOptions _options;
    private readonly TrustedDescription _descriptions;
    private readonly IReadOnlyDictionary<string, RebuiltRow> _remade;
    private readonly IReadOnlyDictionary<StorePath, SalvagedPath> _salvaged;
    private readonly Dictionary<string, string> _makers = new(StringComparer.Ordinal);
    private readonly RowMerger _merger;
    private readonly CancellationToken _cancellation;

    internal NeededRows(
        StoreLocation store, RepairOptions options, IReadOnlyDictionary<string, RebuiltRow> remade,
        IReadOnlyDictionary<StorePath, SalvagedPath> salvaged, RowMerger merger, CancellationToken cancellation)
    {
        (_store, _options, _remade, _salvaged, _merger, _cancellation) = (store, options, remade, salvaged, merger, cancellation);
        _descriptions = new TrustedDescription(store, options);
        foreach (var row in remade.Values)
        {
            foreach (var output in row.Row.Outputs.Values)
            {
                _makers.TryAdd(output, row.Row.Path);
            }
        }
    }

    /// <summary>Adds the rows that are missing to those that there are.</summary>
    /// <param name="rows">The rows, by full path.</param>
    /// <param name="wanted">Full paths that are needed as well, as roots name them: they get a row only where something is known of them.</param>
    internal void Complete(Dictionary<string, HealedRow> rows, IEnumerable<string> wanted)
    {
        var pending = new Queue<string>(rows.Values.SelectMany(row => row.Row.References));
        foreach (var path in wanted)
        {
            if (!rows.ContainsKey(path) && Find(path) is { } found)
            {
                Add(path, found);
            }
        }

        while (pending.TryDequeue(out var path))
        {
            _cancellation.ThrowIfCancellationRequested();
            if (!rows.ContainsKey(path) && _store.Directory.TryParse(path, out _))
            {
                Add(path, Find(path) ?? Placeholder(path));
            }
        }

        foreach (var row in rows.Values)
        {
            if (row.Row.References.Any(reference => !rows.ContainsKey(reference)))
            {
                row.Row = row.Row with { References = [.. row.Row.References.Where(rows.ContainsKey)] };
            }
        }

        void Add(string path, HealedRow row)
        {
            rows.Add(path, row);
            foreach (var reference in row.Row.References)
            {
                pending.Enqueue(reference);
            }
        }
    }

    private HealedRow? Find(string path)
    {
        if (!_store.Directory.TryParse(path, out var parsed))
        {
            return null;
        }

        var salvaged = _salvaged.GetValueOrDefault(parsed);
        return _remade.TryGetValue(path, out var remade) ? salvaged is null ? HealedRow.From(remade) : _merger.Merge(parsed, salvaged, remade)
            : salvaged is { IsComplete: true } ? new HealedRow { Row = salvaged.Row, Before = salvaged }
            : Describe(parsed);
    }

    private HealedRow? Describe(StorePath path)
    {
        var found = _options.Sources.Count == 0 ? null : _descriptions.Find(path, new RepairTrail(), _cancellation);
        return found is not { } described ? null : new HealedRow
        {
            Source = described.Source.Name,
            Row = new ForgottenRow
            {
                Path = _store.Directory.Print(path),
                Hash = described.Path.Info.NarHash.ToDatabaseString(),
                NarSize = described.Path.Info.NarSize,
                RegistrationTime = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
                Deriver = described.Path.Info.Deriver is { } deriver ? _store.Directory.Print(deriver) : null,
                Signatures = described.Path.Info.Signatures.Count == 0 ? null : string.Join(' ', described.Path.Info.Signatures),
                ContentAddress = described.Path.Info.ContentAddress?.ToString(),
                References = [.. described.Path.Info.References.Select(_store.Directory.Print).Order(StringComparer.Ordinal)],
            },
        };
    }

    private HealedRow Placeholder(string path) => new()
    {
        IsPlaceholder = true,
        Row = new ForgottenRow
        {
            Path = path,
            Hash = RowMerger.NoHash,
            RegistrationTime = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
            Deriver = _makers.GetValueOrDefault(path),
        },
    };
}
