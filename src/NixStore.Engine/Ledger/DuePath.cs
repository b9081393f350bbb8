using System.Buffers.Binary;
using System.Text;
using NixStore.Engine.Database;

namespace NixStore.Engine.Ledger;

/// <summary>A path whose contents are to be read; small, as there may be many.</summary>
/// <param name="Row">The id of its row.</param>
/// <param name="NarSize">Its registered size.</param>
/// <param name="Looked">When it was last read, Unix seconds; 0 for never.</param>
/// <param name="IsUrgent">True when it was found broken the last time, or its files were changed since it was found intact.</param>
/// <param name="Order">The beginning of its hash part, which sorts as the path does.</param>
internal readonly record struct DuePath(long Row, long NarSize, long Looked, bool IsUrgent, UInt128 Order)
{
    /// <summary>Describes the path of a row.</summary>
    internal static DuePath Of(PathRow row, StorePath? path, LedgerEntry? entry)
    {
        Span<byte> beginning = stackalloc byte[16];
        beginning.Clear();
        if (path is not null)
        {
            _ = Encoding.ASCII.GetBytes(path.HashPart.AsSpan(0, beginning.Length), beginning);
        }

        return new DuePath(row.Id, row.NarSize ?? 0, entry?.Looked ?? 0, entry?.IsBroken == true, BinaryPrimitives.ReadUInt128BigEndian(beginning));
    }
}
