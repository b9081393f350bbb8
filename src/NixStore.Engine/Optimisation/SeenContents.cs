using System.Buffers.Binary;
using System.Collections.Concurrent;
using NixStore.Engine.Native;

namespace NixStore.Engine.Optimisation;

/// <summary>What a prediction has seen so far: the link or first file of each contents, and names of files that have several. Safe for several threads.</summary>
internal sealed class SeenContents
{
    // Half of a hash tells contents apart well enough for a prediction.
    private readonly ConcurrentDictionary<UInt128, LinkIdentity?> _links = new();
    private readonly ConcurrentDictionary<ulong, long> _names = new();

    /// <summary>The link of contents, null for one that is damaged; false when they were not seen yet.</summary>
    internal bool TryFind(ReadOnlySpan<byte> digest, out LinkIdentity? link) => _links.TryGetValue(KeyOf(digest), out link);

    /// <summary>Remembers the link of contents; false when somebody else was quicker.</summary>
    internal bool TryAdd(ReadOnlySpan<byte> digest, LinkIdentity? link) => _links.TryAdd(KeyOf(digest), link);

    /// <summary>True when a file that would be replaced has no other name left by then, so that its space would be free.</summary>
    internal bool IsLastName(in FileStatus file)
    {
        var others = file.LinkCount - 1;
        return others == 0 || _names.AddOrUpdate(file.Inode, others, (_, left) => left - 1) == 0;
    }

    private static UInt128 KeyOf(ReadOnlySpan<byte> digest) => BinaryPrimitives.ReadUInt128LittleEndian(digest);
}
