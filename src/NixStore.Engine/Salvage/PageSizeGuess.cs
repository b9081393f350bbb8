namespace NixStore.Engine.Salvage;

/// <summary>
/// Finds the size of pages from the pages themselves: at the right size more of them are sound b-tree pages than at any other, since a
/// smaller one cuts their cells off and a larger one skips every other page.
/// </summary>
internal static class PageSizeGuess
{
    private const int SampleBytes = 1 << 24;
    private const int Usual = 4096;

    /// <summary>The size of a database's pages.</summary>
    /// <param name="file">The database.</param>
    /// <param name="stated">What its header says; 0 when it says nothing. Taken when no other size is better.</param>
    internal static int Guess(SalvageFile file, int stated)
    {
        var best = stated > 0 ? stated : Usual;
        var most = Count(file, best);
        for (var size = DatabaseHeader.SmallestPage; size <= DatabaseHeader.LargestPage; size *= 2)
        {
            if (size != best && Count(file, size) is var count && count > most)
            {
                (best, most) = (size, count);
            }
        }

        return best;
    }

    private static int Count(SalvageFile file, int size)
    {
        var page = new byte[size];
        var count = 0;

        // Page 1 says nothing: its header is that of the database.
        for (long offset = size; offset + size <= Math.Min(file.Length, SampleBytes); offset += size)
        {
            if (file.TryRead(offset, page) && BTreePage.TryParse(page, isFirst: false, out var tree) && tree.CellCount > 0 && tree.IsPlausible())
            {
                count++;
            }
        }

        return count;
    }
}
