using System.Text;
using NixStore.Engine.Graph;
using NixStore.Engine.Native;
using NixStore.Engine.Stores;
using NixStore.Engine.Trees;

namespace NixStore.Engine.Liveness;

/// <summary>One piece of garbage, with what the engine needs to remove it.</summary>
public sealed class GarbageItem
{
    private readonly StoreLocation _store;
    private readonly StoreGraph? _graph;

    internal GarbageItem(StoreGraph graph, int node, StoreGarbageKind kind)
    {
        (_store, _graph, Node, Kind) = (graph.Store, graph, node, kind);
        FileName = ByteName.From(graph.NameOf(node));
        HashPart = FileName.Length > StorePath.HashPartLength ? Encoding.ASCII.GetString(FileName, 0, StorePath.HashPartLength) : null;
    }

    internal GarbageItem(StoreLocation store, UnregisteredEntry entry)
    {
        (_store, Node, Kind, Entry) = (store, -1, entry.Kind, entry);
        FileName = entry.Name.ToArray();
        HashPart = entry.HashPart;
    }

    internal GarbageItem(StoreLocation store, byte[] link)
        => (_store, Node, Kind, FileName) = (store, -1, StoreGarbageKind.UnusedLink, link);

    /// <summary>What sort.</summary>
    public StoreGarbageKind Kind { get; }

    /// <summary>Its node; -1 when it is not registered.</summary>
    public int Node { get; }

    /// <summary>The entry of the store directory; null for a registered path and for a link.</summary>
    public UnregisteredEntry? Entry { get; }

    /// <summary>Its name in the store directory, or in .links for an unused link; NUL-terminated.</summary>
    public byte[] FileName { get; }

    /// <summary>The hash part that temporary roots protect it by; null when none can.</summary>
    public string? HashPart { get; }

    /// <summary>What its files take; null when they were not looked at.</summary>
    public TreeUsage? Usage { get; internal set; }

    /// <summary>Bytes that come free when it goes after what is before it; see <see cref="ReclaimableSpace"/>.</summary>
    public long? ReclaimableSize { get; internal set; }

    /// <summary>Full logical path.</summary>
    public string Path => _graph is null ? $"{_store.Directory.Path}{Suffix}" : _graph.PathOf(Node);

    /// <summary>The object for the pipeline.</summary>
    public StoreGarbage ToObject() => new()
    {
        Store = _store.Url,
        Kind = Kind,
        Path = Path,
        RealPath = $"{_store.RealDirectory}{Suffix}",
        ReclaimableSize = ReclaimableSize,
        SharedSize = Usage?.Shared.Sum(file => file.AllocatedBytes),
        FileCount = Usage?.FileCount,
        NarSize = _graph is null ? null : _graph.NarSizeOf(Node),
        RegistrationTime = _graph?.RegistrationTimeOf(Node),
        LastUsed = Usage?.LastUsed,
    };

    private string Suffix => (Kind == StoreGarbageKind.UnusedLink ? "/.links/" : "/") + ByteName.ToDisplay(FileName);
}
