using NixStore.Engine.Archive;

namespace NixStore.Engine.Rebuilding;

/// <summary>A .drv file of the store whose text gives its name, so that what it says can be believed.</summary>
/// <param name="Path">The .drv.</param>
/// <param name="Derivation">What it says; arguments and environment are left out, which take most of the space and are not needed again.</param>
/// <param name="Options">What its environment says of references.</param>
/// <param name="Nar">Hash and size of the file's NAR.</param>
/// <param name="Text">SHA-256 of its bytes.</param>
/// <param name="ChangeTime">When the file came there, about.</param>
internal sealed record IndexedDerivation(
    StorePath Path, Derivation Derivation, BuilderOptions Options, NarHash Nar, NixHash Text, DateTimeOffset ChangeTime)
{
    /// <summary>
    /// True when the paths of the outputs were computed anew and are those that it states. False when that could not be done, because a
    /// derivation that it needs is not there.
    /// </summary>
    internal bool AreOutputsProved { get; set; }
}
