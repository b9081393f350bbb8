using NixStore.Engine.Native;

namespace NixStore.Engine.Overlay;

/// <summary>
/// The marks that overlayfs leaves on files of an upper layer, in <c>trusted.overlay.*</c>, or in <c>user.overlay.*</c> where an unprivileged user
/// mounted it (kernel documentation, filesystems/overlayfs.rst).
/// </summary>
/// <param name="IsOpaque">A directory that hides the one below as a whole.</param>
/// <param name="IsWhiteout">An empty file that stands for a deleted name.</param>
/// <param name="IsCopy">It has to do with one of the lower layer: a file that was copied up to be changed, a directory that was shown merged.</param>
/// <param name="LacksContents">Its contents, or its names, are still below under another name: a copy of it is worth nothing.</param>
internal readonly record struct OverlayAttributes(bool IsOpaque, bool IsWhiteout, bool IsCopy, bool LacksContents)
{
    /// <summary>Reads them; symbolic links are not followed.</summary>
    /// <exception cref="StoreIOException"/>
    internal static OverlayAttributes Of(string path) => Of(ByteName.From(path));

    /// <inheritdoc cref="Of(string)"/>
    internal static OverlayAttributes Of(ReadOnlySpan<byte> path)
    {
        var result = default(OverlayAttributes);
        foreach (var attribute in Posix.ListExtendedAttributes(path))
        {
            ReadOnlySpan<byte> name = attribute;
            name = name.StartsWith("trusted.overlay."u8) ? name["trusted.overlay.".Length..] : name.StartsWith("user.overlay."u8) ? name["user.overlay.".Length..] : default;
            result = name switch
            {
                _ when name.SequenceEqual("opaque"u8) => result with { IsOpaque = Posix.TryGetExtendedAttribute(path, attribute) is [(byte)'y', ..] },
                _ when name.SequenceEqual("whiteout"u8) => result with { IsWhiteout = true },
                _ when name.SequenceEqual("origin"u8) => result with { IsCopy = true },
                _ when name.SequenceEqual("metacopy"u8) || name.SequenceEqual("redirect"u8) => result with { LacksContents = true },
                _ => result,
            };
        }

        return result;
    }
}
