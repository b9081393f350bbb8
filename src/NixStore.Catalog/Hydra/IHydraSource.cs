using NixStore.Catalog.DuckDB;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.Hydra;

/// <summary>Where rows of <c>buildstepoutputs</c> come from, in pieces that are always the same ones.</summary>
internal interface IHydraSource
{
    /// <summary>True when an import under way is one of this source.</summary>
    bool IsContinuation(HydraProgress progress);

    /// <summary>Begins an import; null when a complete one (if there is one) leaves nothing to do.</summary>
    HydraProgress? Begin(HydraProgress? known, CancellationToken cancellation);

    /// <summary>The next piece; null when all are done.</summary>
    HydraPiece? Next(HydraProgress progress, CancellationToken cancellation);

    /// <summary>What is noted at the end.</summary>
    HydraProgress Complete(HydraProgress progress);
}

/// <summary>A piece of an import: a step.</summary>
/// <param name="Done">What is noted when it is in the catalog; it gets the rows that were read.</param>
internal sealed record HydraPiece(Func<HydraProgress, long, HydraProgress> Done)
{
    /// <summary>Puts its rows into a table (build, stepnr, name, path, system, stoptime).</summary>
    internal Action<DuckAppender, CancellationToken>? Read { get; init; }

    /// <summary>Or gives the query that reads them.</summary>
    internal Func<DuckSession, string>? Select { get; init; }

    /// <summary>Says what it means when the query fails.</summary>
    internal Func<DuckException, NixStoreException>? Explain { get; init; }
}
