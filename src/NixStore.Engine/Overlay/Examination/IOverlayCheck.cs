namespace NixStore.Engine.Overlay.Examination;

/// <summary>One family of checks. What it cannot read it raises; it then counts as not made, and the others go on.</summary>
internal interface IOverlayCheck
{
    /// <summary>What is checked, in a few words for people.</summary>
    string Subject { get; }

    /// <summary>Looks, and tells what it finds.</summary>
    /// <exception cref="NixStoreException">It could not be made, or not to its end.</exception>
    /// <exception cref="OperationCanceledException"/>
    void Run(ExaminedOverlay store, Action<OverlayFault> found);
}
