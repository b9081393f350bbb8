namespace NixStore.Engine.Salvage;

/// <summary>Gathers what could not be read; neighbouring pages with the same fate become one loss.</summary>
internal sealed class LossList
{
    private readonly List<SalvageLoss> _losses = [];

    /// <summary>What was gathered.</summary>
    internal IReadOnlyList<SalvageLoss> All => _losses;

    /// <summary>Adds what is not about a page.</summary>
    internal void Add(string reason) => _losses.Add(new SalvageLoss(0, 0, null, reason));

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

        _losses.Add(new SalvageLoss(first, last, tree, reason));
    }
}
