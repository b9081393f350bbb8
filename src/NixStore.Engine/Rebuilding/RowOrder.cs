namespace NixStore.Engine.Rebuilding;

/// <summary>
/// Brings rows into an order in which they could have been registered: references before referrers, else the older first. Where mere
/// mentions make a circle, which no store can have, it is cut.
/// </summary>
internal static class RowOrder
{
    /// <summary>Sorts rows.</summary>
    internal static IReadOnlyList<RowDraft> Sort(IReadOnlyCollection<RowDraft> rows, StoreDirectory directory)
    {
        var byPath = rows.ToDictionary(row => row.Path);
        var finished = new Dictionary<StorePath, bool>(rows.Count);
        var sorted = new List<RowDraft>(rows.Count);

        // Each refers to the next.
        var open = new List<(RowDraft Row, int Next)>();
        foreach (var start in rows.OrderBy(row => row.RegistrationTime).ThenBy(row => row.Path))
        {
            if (finished.TryAdd(start.Path, false))
            {
                open.Add((start, 0));
            }

            while (open.Count > 0)
            {
                var (row, next) = open[^1];
                if (next == row.References.Count)
                {
                    finished[row.Path] = true;
                    sorted.Add(row);
                    open.RemoveAt(open.Count - 1);
                    continue;
                }

                var reference = row.References[next];
                open[^1] = (row, next + 1);
                if (reference.Equals(row.Path) || !byPath.TryGetValue(reference, out var referenced))
                {
                    continue;
                }

                if (finished.TryAdd(reference, false))
                {
                    open.Add((referenced, 0));
                }
                else if (!finished[reference])
                {
                    CutCircle(open, reference, finished, directory);
                }
            }
        }

        return sorted;
    }

    /// <summary>Takes out the last reference of the circle that is only assumed, and goes back to where it was followed.</summary>
    private static void CutCircle(
        List<(RowDraft Row, int Next)> open, StorePath closing, Dictionary<StorePath, bool> finished, StoreDirectory directory)
    {
        var first = open.FindLastIndex(frame => frame.Row.Path.Equals(closing));
        var cut = open.FindLastIndex(
            open.Count - 1, open.Count - first, frame => frame.Row.ReferencesCertainty == StoreCertainty.Assumed);
        cut = cut < 0 ? open.Count - 1 : cut;
        foreach (var (undone, _) in open.Skip(cut + 1))
        {
            finished.Remove(undone.Path);
        }

        open.RemoveRange(cut + 1, open.Count - cut - 1);
        var (row, next) = open[cut];
        row.CutCircle(row.References[next - 1], directory);
        open[cut] = (row, next - 1);
    }
}
