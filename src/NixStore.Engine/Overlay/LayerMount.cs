using System.Globalization;
using NixStore.Engine.Roots;

namespace NixStore.Engine.Overlay;

/// <summary>An overlay that has a directory for one of its layers.</summary>
/// <param name="Point">Where it is mounted, as its mount namespace has it.</param>
/// <param name="ProcessId">A process of that namespace; null for the calling thread's own.</param>
internal sealed record LayerMount(string Point, int? ProcessId)
{
    /// <summary>Where it is, for people.</summary>
    internal string Place => ProcessId is { } id
        ? string.Create(CultureInfo.InvariantCulture, $"at '{Point}' in the mount namespace of {ProcessName.Of(id)} (process {id})") : $"at '{Point}'";
}
