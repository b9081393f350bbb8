namespace NixStore.Engine.Upkeep;

/// <summary>One family of checks. What it cannot read it raises; it then counts as not made, and the others go on.</summary>
internal interface IUpkeepCheck
{
    /// <summary>The part of the store that it looks at.</summary>
    StoreFindingArea Area { get; }

    /// <summary>What is checked, in a few words for people.</summary>
    string Subject { get; }

    /// <summary>Looks, and tells what it finds, from one thread at a time.</summary>
    /// <exception cref="NixStoreException">It could not be made, or not to its end.</exception>
    /// <exception cref="OperationCanceledException"/>
    void Run(UpkeptStore store, Action<UpkeepFault> found);
}
