using NixStore.Engine.Archive;
using NixStore.Engine.Native;

namespace NixStore.Engine.Verification;

/// <summary>
/// Compares the metadata of every file with the canonical ones while its contents are hashed. Real Nix never does (NIX-ON-DAMAGE,
/// cases j1, j2, j4, j5). Costs one system call a file beyond what the hashing needs, and nothing is allocated unless something is wrong.
/// </summary>
internal sealed class MetadataObserver(StoreOwner expected) : NarObserver
{
    private const int AttributeBuffer = 4096;
    private readonly byte[] _attributes = new byte[AttributeBuffer];

    /// <summary>What was found since it was last cleared.</summary>
    internal MetadataProblems Found { get; } = new(expected);

    /// <inheritdoc/>
    public override void OnDirectory(in NarFile file) => Check(file);

    /// <inheritdoc/>
    public override void OnRegular(in NarFile file) => Check(file);

    /// <inheritdoc/>
    public override void OnSymlink(in NarFile file, ReadOnlySpan<byte> target) => Found.Check(file.RelativePath, file.Status);

    private void Check(in NarFile file)
    {
        Found.Check(file.RelativePath, file.Status);
        var length = file.ListExtendedAttributes(_attributes);
        if (length != 0)
        {
            CheckAttributes(file, length);
        }
    }

    private void CheckAttributes(in NarFile file, int length)
    {
        var list = length < 0 ? "?"u8 : _attributes.AsSpan(0, length);
        foreach (var range in list.Split((byte)0))
        {
            if (list[range] is { IsEmpty: false } name && !CanonicalMetadata.IsIgnoredAttribute(name))
            {
                Found.Add(StoreProblemKind.ExtendedAttribute, file.RelativePath, null, ByteName.ToDisplay(name), "attribute");
            }
        }
    }
}
