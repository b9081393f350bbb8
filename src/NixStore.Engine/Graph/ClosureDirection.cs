namespace NixStore.Engine.Graph;

/// <summary>Which way a closure goes.</summary>
public enum ClosureDirection
{
    /// <summary>What a path needs: its references, theirs, and so on.</summary>
    References,
    /// <summary>What needs a path: its referrers, theirs, and so on.</summary>
    Referrers,
}
