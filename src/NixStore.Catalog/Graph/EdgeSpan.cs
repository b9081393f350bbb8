using System.Runtime.InteropServices;

namespace NixStore.Catalog.Graph;

/// <summary>Where the references of a narinfo are among all edges.</summary>
/// <param name="Start">The first one.</param>
/// <param name="Count">How many.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct EdgeSpan(long Start, int Count);
