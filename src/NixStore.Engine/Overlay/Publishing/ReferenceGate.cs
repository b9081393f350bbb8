using System.Collections.Concurrent;
using NixStore.Engine.Transfer;

namespace NixStore.Engine.Overlay.Publishing;

/// <summary>Keeps a path out of the lower store whose references are not valid there, and do not become so. Safe for several threads.</summary>
/// <param name="layers">The layers.</param>
/// <param name="wanted">The paths that are being published.</param>
internal sealed class ReferenceGate(OpenLayers layers, IEnumerable<StorePath> wanted)
{
    private readonly HashSet<StorePath> _wanted = [.. wanted];
    private readonly ConcurrentDictionary<StorePath, bool> _failed = [];
    private readonly ConcurrentDictionary<StorePath, bool> _valid = [];

    /// <summary>A path was not published.</summary>
    internal void Fail(StorePath path) => _failed[path] = true;

    /// <summary>Raises the error when a reference is neither valid in the lower store nor on its way there.</summary>
    /// <exception cref="NixStoreException">ReferenceNotValid</exception>
    internal void Ensure(ValidPathInfo info, CancellationToken cancellation)
    {
        foreach (var reference in info.References)
        {
            if (!reference.Equals(info.Path) && (_failed.ContainsKey(reference) || !(_wanted.Contains(reference) || IsValid(reference, cancellation))))
            {
                throw TransferErrors.ReferenceNotValid(info.Path, reference, layers.Directory, layers.Lower.Location.Url);
            }
        }
    }

    private bool IsValid(StorePath path, CancellationToken cancellation)
        => _valid.GetOrAdd(path, reference => layers.ProtectIfValid(reference, cancellation));
}
