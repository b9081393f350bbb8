namespace NixStore.Engine.Optimisation;

/// <summary>What one worker has done so far; added up at the end.</summary>
internal sealed class OptimisationCounts
{
    internal long Paths { get; set; }

    internal long Examined { get; set; }

    internal long Linked { get; set; }

    internal long Freed { get; set; }

    internal long Created { get; set; }

    internal long Skipped { get; set; }

    internal long BadLinks { get; set; }

    internal long BadLinksMended { get; set; }

    internal void Add(OptimisationCounts other)
    {
        Paths += other.Paths;
        Examined += other.Examined;
        Linked += other.Linked;
        Freed += other.Freed;
        Created += other.Created;
        Skipped += other.Skipped;
        BadLinks += other.BadLinks;
        BadLinksMended += other.BadLinksMended;
    }
}
