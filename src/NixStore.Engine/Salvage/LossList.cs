namespace NixStore.Engine.Salvage;

/// <summary>Gathers what could not be read; neighbouring pages with the same fate become one loss.</summary>
internal sealed class LossList
{
    // Who reads more than this learns nothing new, and a file can be made that has a loss in every few bytes.
    private const int Most = 10_000;

    private readonly List<SalvageLoss> _losses = [];

    /// <summary>What was gathered: the first ten thousand.</summary>
    internal IReadOnlyList<SalvageLoss> All => _losses;

    /// <summary>Adds what is not about a page.</summary>
    internal void Add(string reason) => Add(null, 0, 0, reason);

    /// <summary>Adds a page.</summary>
    internal void Add(string? tree, uint page, string reason) => Add(tree, page, page, reason);

    /// <summary>Adds a range of pages.</summary>
    internal void Add(string? tree, uint first, uint last, string reason)
    {
        if (_losses.Count > 0 && _losses[^1] is var before && before.Tree == tree && before.Reason == reason && before.FirstPage > 0 && before.LastPage + 1 == first)
        {
            _losses[^1] = before with { LastPage = last };
            return;
        }

        if (_losses.Count < Most)
        {
            _losses.Add(new SalvageLoss(first, last, tree, reason));
        }
    }
}
