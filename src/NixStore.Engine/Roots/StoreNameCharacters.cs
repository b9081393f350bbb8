using System.Buffers;

namespace NixStore.Engine.Roots;

/// <summary>The bytes that the base name of a store path is made of.</summary>
internal static class StoreNameCharacters
{
    internal static readonly SearchValues<byte> All = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-._?="u8);
}
