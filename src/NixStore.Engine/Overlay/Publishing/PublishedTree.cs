using NixStore.Engine.Native;

namespace NixStore.Engine.Overlay.Publishing;

/// <summary>
/// The contents of a path, proved and canonical: in a staging directory of the lower store, or in the lower store already without being
/// registered.
/// </summary>
/// <param name="Info">What is to be registered.</param>
/// <param name="Outputs">Of a .drv, the outputs it names.</param>
/// <param name="Method">How it comes into the lower store.</param>
/// <param name="Directory">Where the files are.</param>
/// <param name="Name">NUL-terminated name there.</param>
/// <param name="Found">The status of the root of the tree when it was proved.</param>
internal sealed record PublishedTree(
    ValidPathInfo Info, IReadOnlyDictionary<string, string>? Outputs, PublicationMethod Method, FileDescriptor Directory, byte[] Name, FileStatus Found)
{
    /// <summary>True when the root of a tree is still the one that was proved.</summary>
    internal bool IsStill(in FileStatus now) => now.IsSameFile(Found) && now.ChangeTime == Found.ChangeTime;
}
