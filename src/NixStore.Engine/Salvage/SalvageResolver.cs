using System.Collections.ObjectModel;

namespace NixStore.Engine.Salvage;

/// <summary>Puts together what belongs to one path, and turns ids into paths.</summary>
internal sealed class SalvageResolver(RowCollector rows)
{
    private readonly Dictionary<long, string> _paths = [];

    /// <summary>Makes the result.</summary>
    internal SalvagedDatabase Resolve(PageSource pages, IReadOnlyList<SalvageLoss> losses)
    {
        var chosen = rows.Paths.Choose(out var others);
        foreach (var row in chosen.Concat(others))
        {
            _paths.TryAdd(row.Id, row.Row.Path);
        }

        var ids = chosen.Select(row => row.Id).ToHashSet();
        return new SalvagedDatabase
        {
            Paths = [.. chosen.OrderBy(row => row.Id).Select(Complete)],
            Others = [.. others.Select(row => row.ToSalvaged())],
            LooseReferences = [.. rows.References.All.Where(reference => !ids.Contains(reference.Referrer))],
            LooseOutputs = [.. rows.Outputs.All.Where(output => !ids.Contains(output.Derivation))],
            Losses = losses,
            Log = pages.Log.Summary,
            PageSize = pages.PageSize,
            PageCount = pages.PageCount,
        };
    }

    private SalvagedPath Complete(PathCandidate row)
    {
        // The index of a key is as good as its table.
        var trust = row.Place.Origin == SalvageOrigin.Tree ? SalvageOrigin.Index : row.Place.Origin;
        var references = new List<string>();
        var doubtful = new List<string>();
        var dangling = new List<long>();
        foreach (var reference in rows.References.Of(row.Id))
        {
            var isCertain = reference.Origin <= trust;
            if (_paths.TryGetValue(reference.Reference, out var path))
            {
                (isCertain ? references : doubtful).Add(path);
            }
            else if (isCertain)
            {
                dangling.Add(reference.Reference);
            }
        }

        references.Sort(StringComparer.Ordinal);
        var outputs = rows.Outputs.Of(row.Id).ToLookup(output => output.Origin <= trust);

        // Arrays, because there may be a million of them, and most are empty.
        return row.ToSalvaged() with
        {
            Row = row.Row with { References = [.. references], Outputs = ByName(outputs[true]) },
            DoubtfulReferences = [.. doubtful],
            DoubtfulOutputs = ByName(outputs[false]),
            DanglingReferences = [.. dangling],
        };
    }

    private static IReadOnlyDictionary<string, string> ByName(IEnumerable<SalvagedOutput> outputs)
    {
        var byName = outputs.ToDictionary(output => output.Name, output => output.Path, StringComparer.Ordinal);
        return byName.Count == 0 ? ReadOnlyDictionary<string, string>.Empty : byName;
    }
}
