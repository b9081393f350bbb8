using System.Buffers.Binary;

namespace NixStore.Engine.Salvage;

/// <summary>The list of free pages (sqlite.org/fileformat2.html §1.5).</summary>
internal static class FreePages
{
    private const int TrunkHeader = 8;

    /// <summary>Marks what the list names, as far as it can be followed.</summary>
    internal static void Mark(PageSource pages, PageMap map, LossList losses)
    {
        var trunk = new byte[pages.PageSize];
        for (var next = pages.FirstFreePage; next != 0; next = BinaryPrimitives.ReadUInt32BigEndian(trunk))
        {
            if (!map.Contains(next) || map[next] == PageUse.Free || !pages.TryRead(next, trunk, out _, out _) || !TryMarkLeaves(trunk, pages, map))
            {
                losses.Add("has a list of free pages that cannot be followed to its end");
                return;
            }

            map[next] = PageUse.Free;
        }
    }

    private static bool TryMarkLeaves(ReadOnlySpan<byte> trunk, PageSource pages, PageMap map)
    {
        var count = BinaryPrimitives.ReadUInt32BigEndian(trunk[4..]);
        if (count > (pages.UsableSize - TrunkHeader) / sizeof(uint))
        {
            return false;
        }

        for (var i = 0; i < count; i++)
        {
            var leaf = BinaryPrimitives.ReadUInt32BigEndian(trunk[(TrunkHeader + (sizeof(uint) * i))..]);
            if (map.Contains(leaf))
            {
                map[leaf] = PageUse.Free;
            }
        }

        return true;
    }
}
